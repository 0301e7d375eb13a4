/** The JupyterLab extension's plugins: they only connect the widgets to notebooks and their kernels. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IToolbarWidgetRegistry } from '@jupyterlab/apputils';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import '../../style/index.css';
import { ChipSelector } from './chips/selector.ts';
import { setSessionFinder } from './comms.ts';
import { type Renderers, setRenderersFinder } from './outputs.ts';

const sessions: JupyterFrontEndPlugin<void> = {
  id: 'tradewind:sessions',
  description: 'Lets the outputs of a notebook speak to its kernel, and hold outputs of their own.',
  autoStart: true,
  requires: [INotebookTracker],
  activate(_app: JupyterFrontEnd, notebooks: INotebookTracker) {
    const panelOf = (path: string) => notebooks.find((panel) => panel.context.path === path);
    setSessionFinder((path) => panelOf(path)?.sessionContext);
    setRenderersFinder((path) => panelOf(path)?.content.rendermime as Renderers | undefined);
  },
};

/** Where the selector stands in the toolbar is said in schema/selector.json, as JupyterLab and Notebook 7 both read it. */
const selector: JupyterFrontEndPlugin<void> = {
  id: 'tradewind:selector',
  description: 'Shows in the notebook’s toolbar which chip and framework its cells run on, and switches.',
  autoStart: true,
  requires: [IToolbarWidgetRegistry],
  activate(_app: JupyterFrontEnd, toolbars: IToolbarWidgetRegistry) {
    toolbars.addFactory<NotebookPanel>('Notebook', 'tradewind-chip', (panel) => new ChipSelector(panel.sessionContext));
  },
};

const plugins: JupyterFrontEndPlugin<unknown>[] = [sessions, selector];
export default plugins;
