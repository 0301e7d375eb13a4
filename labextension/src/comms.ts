/** Comms from widgets to the kernel of the notebook that holds them, kept open over restarts and kernel changes. */
import type { ISessionContext } from '@jupyterlab/apputils';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import type { Channel, ChannelListener } from './widget.ts';

/** What finds a notebook's session by the notebook's path; set once by the extension's plugin. */
type SessionFinder = (path: string) => ISessionContext | undefined;

let findSession: SessionFinder = () => undefined;

export function setSessionFinder(finder: SessionFinder): void {
  findSession = finder;
}

/** The session of the notebook at `path`, where one is open. */
export function sessionOf(path: string | undefined): ISessionContext | undefined {
  return path === undefined ? undefined : findSession(path);
}

/** Is this kernel ours? Others are never sent a comm that they don't know. */
export async function isTradewind(kernel: Kernel.IKernelConnection): Promise<boolean> {
  const { implementation } = await kernel.info;
  return implementation === 'tradewind';
}

/** Opens a comm to whatever Tradewind kernel the session has, now and after every restart or change, until it is disposed. */
export function connect(session: ISessionContext, target: string, listener: ChannelListener): Channel {
  let comm: Kernel.IComm | undefined;
  let disposed = false;
  let waitsForRestart = false;
  // Counts the openings, so that an answer about a kernel that has been replaced meanwhile is dropped.
  let attempt = 0;

  const lose = () => {
    const had = comm !== undefined;
    comm = undefined;
    if (had && !disposed) listener.lost();
  };

  const open = async () => {
    const mine = ++attempt;
    lose();
    const kernel = session.session?.kernel;
    if (!kernel || !(await isTradewind(kernel).catch(() => false))) return;
    if (disposed || mine !== attempt || kernel.isDisposed) return;
    const opening = kernel.createComm(target);
    comm = opening;
    opening.onMsg = (message: KernelMessage.ICommMsgMsg) => {
      if (comm !== opening || disposed) return;
      const buffers = (message.buffers ?? []).map((buffer) =>
        buffer instanceof ArrayBuffer ? new DataView(buffer) : new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength),
      );
      listener.message(message.content.data as Record<string, unknown>, buffers);
    };
    opening.onClose = () => {
      if (comm === opening) lose();
    };
    opening.open();
    listener.opened(channel);
  };

  const onKernelChanged = () => void open();
  const onStatusChanged = (_: ISessionContext, status: Kernel.Status) => {
    if (status === 'restarting' || status === 'autorestarting' || status === 'dead') lose();
    // After a restart the kernel has forgotten its comms; the first idle is the earliest that a new one is heard.
    else if (status === 'idle' && !comm && session.session?.kernel && waitsForRestart) {
      waitsForRestart = false;
      void open();
    }
    if (status === 'restarting' || status === 'autorestarting') waitsForRestart = true;
  };

  const channel: Channel = {
    get connected() {
      return comm !== undefined && !comm.isDisposed;
    },
    send(data, buffers) {
      if (comm && !comm.isDisposed) comm.send(data as Parameters<Kernel.IComm['send']>[0], undefined, buffers);
    },
    dispose() {
      if (disposed) return;
      disposed = true;
      session.kernelChanged.disconnect(onKernelChanged);
      session.statusChanged.disconnect(onStatusChanged);
      if (comm && !comm.isDisposed && session.session?.kernel) comm.close();
      comm = undefined;
    },
  };

  session.kernelChanged.connect(onKernelChanged);
  session.statusChanged.connect(onStatusChanged);
  void open();
  return channel;
}
