/** The JupyterLab extension's plugins: they only connect the widgets to notebooks and their kernels. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import '../../style/index.css';
import { setSessionFinder } from './comms.ts';

const sessions: JupyterFrontEndPlugin<void> = {
  id: 'tradewind:sessions',
  description: 'Lets the outputs of a notebook speak to its kernel.',
  autoStart: true,
  requires: [INotebookTracker],
  activate(_app: JupyterFrontEnd, notebooks: INotebookTracker) {
    setSessionFinder((path) => notebooks.find((panel) => panel.context.path === path)?.sessionContext);
  },
};

const plugins: JupyterFrontEndPlugin<unknown>[] = [sessions];
export default plugins;
