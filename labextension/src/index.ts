/** The JupyterLab extension's plugins: they only connect the widgets to notebooks and their kernels. */
import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, IToolbarWidgetRegistry } from '@jupyterlab/apputils';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import '../../style/index.css';
import { Monitor } from './chips/monitor.ts';
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

const monitor: JupyterFrontEndPlugin<void> = {
  id: 'tradewind:monitor',
  description: 'Shows in the sidebar the use, memory, power and temperature of the cards that a notebook’s engines have.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ILayoutRestorer, ICommandPalette],
  activate(app: JupyterFrontEnd, notebooks: INotebookTracker, restorer: ILayoutRestorer | null, palette: ICommandPalette | null) {
    const panel = new Monitor();
    app.shell.add(panel, 'right', { rank: 900, type: 'Cards' });
    restorer?.add(panel, panel.id);
    const follow = () => panel.follow(notebooks.currentWidget?.sessionContext);
    notebooks.currentChanged.connect(follow);
    follow();
    const command = 'tradewind:show-cards';
    app.commands.addCommand(command, {
      label: 'Show Cards',
      caption: panel.title.caption,
      execute: () => app.shell.activateById(panel.id),
    });
    palette?.addItem({ command, category: 'Tradewind' });
  },
};

const plugins: JupyterFrontEndPlugin<unknown>[] = [sessions, selector, monitor];
export default plugins;
