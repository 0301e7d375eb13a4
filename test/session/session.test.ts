// The session without sockets or processes: frames in, frames out; engines are fakes that answer as ipykernel does.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { Engine } from '../../kernel/src/engines/engine.ts';
import type { Exit } from '../../kernel/src/engines/process.ts';
import type { EngineSpec } from '../../kernel/src/engines/spec.ts';
import { TradewindError } from '../../kernel/src/records/errors.ts';
import { createSession, type Session } from '../../kernel/src/session/session.ts';
import type { CommandRoom } from '../../kernel/src/session/state.ts';
import { createHeader, type Json, type Message, open, parse } from '../../kernel/src/wire/message.ts';
import { createSigner, seal } from '../../kernel/src/wire/signature.ts';

const signer = createSigner('key');
const spec: EngineSpec = {
  chip: 'cpu',
  framework: 'pytorch',
  title: 'CPU · PyTorch',
  python: 'python',
  environment: {},
  modules: [],
  place: 'local',
};
const hello = {
  python: '3.11.7',
  ipython: '9',
  ipykernel: '7',
  features: ['kernel subshells'],
  banner: 'IPython',
  languageInfo: { name: 'python' },
  helpLinks: [],
};

interface FakeEngine extends Engine {
  /** What it was sent: channel, message, frames. */
  got: { channel: string; message: Message; frames: readonly Buffer[] }[];
  say(channel: 'shell' | 'control' | 'stdin' | 'iopub', type: string, parent: Message, content: Json, topic?: string): Buffer[];
  /** Answers an execute request as ipykernel does. */
  execute(request: Message, reply?: Json): void;
  die(exit: Partial<Exit>): void;
  interrupts: number;
}

let session: Session;
let engines: FakeEngine[];
let sent: { channel: string; message: Message; frames: readonly Buffer[] }[];
let logged: string[];
let ended: boolean;
const settle = async () => {
  for (let turn = 0; turn < 6; turn++) await new Promise(setImmediate);
};

function fakeEngine(itsSpec: EngineSpec): FakeEngine {
  const exit = Promise.withResolvers<Exit>();
  const engine: FakeEngine = {
    id: `engine-${engines.length}`,
    spec: itsSpec,
    pid: 100 + engines.length,
    ready: Promise.resolve(hello),
    exited: exit.promise,
    got: [],
    interrupts: 0,
    send(channel, frames) {
      const message = parse(open(frames));
      engine.got.push({ channel, message, frames });
      // Quiet requests and controls are answered at once; cells wait for the test.
      const { msg_type } = message.header;
      if (msg_type === 'execute_request' && message.content.silent && message.identities.length === 0) {
        engine.say('shell', 'execute_reply', message, { status: 'ok', user_expressions: {} });
      } else if (channel === 'control') engine.say('control', msg_type.replace('request', 'reply'), message, { status: 'ok' });
    },
    interrupt: () => engine.interrupts++,
    kill: () => engine.die({ signal: 'SIGKILL' }),
    dispose() {},
    say(channel, type, parent, content, topic) {
      const identities = channel === 'iopub' ? [Buffer.from(topic ?? `kernel.x.${type}`)] : parent.identities;
      const frames = seal(signer, { identities, header: createHeader(type, 'engine'), parentHeader: parent.header, metadata: {}, content });
      session.fromEngine(engine, channel, frames);
      return frames;
    },
    execute(request, reply = { status: 'ok', execution_count: 1 }) {
      engine.say('iopub', 'status', request, { execution_state: 'busy' });
      engine.say('iopub', 'execute_input', request, { code: request.content.code as string, execution_count: 1 });
      engine.say('shell', 'execute_reply', request, reply);
      engine.say('iopub', 'status', request, { execution_state: 'idle' });
    },
    die: (how) => exit.resolve({ code: null, signal: null, stderr: [], outOfMemory: false, ...how }),
  };
  engines.push(engine);
  return engine;
}

const commands: CommandRoom = {
  names: new Set(['chip', 'slow']),
  async run(line, context) {
    if (line === 'slow') {
      await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
      return { kind: 'error', error: new TradewindError({ code: 'interrupted', message: 'stopped' }) };
    }
    if (line.startsWith('chip ')) await context.session!.switchTo(line.slice(5), undefined);
    context.note(`ran ${line}`);
    return { kind: 'record', record: { kind: 'chips' } as never, bundle: { 'text/plain': 'shown' }, jsonToOutput: false };
  },
  complete: async (_, cursor) => ({ start: cursor, end: cursor, matches: ['cpu'] }),
  help: async (name) => ({ 'text/plain': `help of ${name}` }),
  bundleOf: async () => ({}),
  errorContent: async (error) => ({ ename: 'TradewindError', evalue: (error as Error).message, traceback: [] }),
  progress: async () => ({ update() {}, end() {} }),
};

beforeEach(async () => {
  engines = [];
  sent = [];
  logged = [];
  ended = false;
  session = createSession({
    id: 'kernel',
    signer,
    send: (channel, frames) => sent.push({ channel, message: parse(open(frames)), frames }),
    cwd: '/',
    environment: {},
    first: spec,
    start: fakeEngine,
    async resolve(chip) {
      if (chip === 'gone') throw new TradewindError({ code: 'absent', message: 'no such chip' });
      return { ...spec, chip };
    },
    commands,
    commTarget: async (name) =>
      name === 'tradewind.echo'
        ? { name, open: (channel) => ({ message: (data, buffers) => channel.send({ back: data }, buffers), closed() {} }) }
        : undefined,
    ended: () => {
      ended = true;
    },
    log: (line) => logged.push(line),
  });
  session.begin();
  await settle();
  sent.length = 0;
});

function ask(type: string, content: Json, channel: 'shell' | 'control' | 'stdin' = 'shell', header: object = {}): Message {
  const message = {
    identities: [Buffer.from('client')],
    header: { ...createHeader(type, 'front-end'), ...header },
    parentHeader: {},
    metadata: {},
    content,
    buffers: [],
  };
  session.fromClient(channel, seal(signer, message));
  return message;
}
const cell = (code: string, more: Json = {}) => ask('execute_request', { code, ...more });
const kinds = (parent: Message) =>
  sent
    .filter((one) => one.message.parentHeader.msg_id === parent.header.msg_id)
    .map((one) => (one.message.header.msg_type === 'status' ? String(one.message.content.execution_state) : one.message.header.msg_type));
const replyTo = (parent: Message) =>
  sent.find((one) => one.message.parentHeader.msg_id === parent.header.msg_id && one.message.header.msg_type.endsWith('_reply'))?.message
    .content;

test('a cell passes to the engine, and its output back, frame for frame', async () => {
  const request = cell('1 # é');
  await settle();
  const got = engines[0]!.got.at(-1)!;
  assert.deepEqual(got.message.content.code, '1 # é');
  const output = engines[0]!.say('iopub', 'stream', got.message, { name: 'stdout', text: 'x' }, 'stream.stdout');
  assert.equal(sent.at(-1)!.frames, output);
  engines[0]!.execute(got.message);
  assert.deepEqual(kinds(request), ['stream', 'busy', 'execute_input', 'execute_reply', 'idle']);
});

test('cells wait for each other, and a failure aborts those behind', async () => {
  const [first, second] = [cell('a'), cell('b')];
  await settle();
  assert.equal(engines[0]!.got.filter((one) => one.message.identities.length > 0).length, 1);
  engines[0]!.execute(engines[0]!.got.at(-1)!.message, { status: 'error', execution_count: 1 });
  await settle();
  assert.deepEqual(kinds(first).sort(), ['busy', 'execute_input', 'execute_reply', 'idle']);
  assert.deepEqual(kinds(second), ['busy', 'execute_reply', 'idle']);
  assert.equal(replyTo(second)!.status, 'aborted');
});

test('a cell with a command: the kernel announces and answers it, the engine runs its code', async () => {
  const request = cell('a\n%chip\nb');
  await settle();
  assert.deepEqual(engines[0]!.got.at(-1)!.message.content.code, 'a');
  engines[0]!.execute(engines[0]!.got.at(-1)!.message);
  await settle();
  const step = engines[0]!.got.at(-1)!.message;
  assert.equal(step.content.code, 'b');
  assert.deepEqual(step.metadata.tradewind, { line: 2, cell: 'a\n%chip\nb', count: 1 });
  engines[0]!.execute(step);
  await settle();
  assert.deepEqual(kinds(request), ['busy', 'execute_input', 'stream', 'display_data', 'execute_reply', 'idle']);
  assert.deepEqual(replyTo(request), { status: 'ok', execution_count: 1, user_expressions: {}, payload: [] });
});

test('a switch holds for the next cell, which gets the next number in the other engine', async () => {
  cell('%chip npu');
  const request = cell('x');
  await settle();
  assert.equal(engines.length, 2);
  const codes = engines[1]!.got.map((one) => one.message.content.code);
  assert.match(String(codes[0]), /history\.remember\(1,/);
  assert.equal(codes.at(-1), 'x');
  engines[1]!.execute(engines[1]!.got.at(-1)!.message, { status: 'ok', execution_count: 2 });
  await settle();
  assert.equal(replyTo(request)!.execution_count, 2);
});

test('a chip that is not here: an error, and cells run where they ran', async () => {
  const request = cell('%chip gone\nx');
  await settle();
  assert.equal(replyTo(request)!.evalue, 'no such chip');
  assert.equal(engines.length, 1);
});

test('an interrupt stops a command, and reaches an engine only while it works', async () => {
  const slow = cell('%slow');
  await settle();
  const request = ask('interrupt_request', {}, 'control');
  await settle();
  assert.deepEqual(replyTo(request), { status: 'ok' });
  assert.equal(replyTo(slow)!.status, 'error');
  assert.equal(engines[0]!.interrupts, 0);
  cell('busy');
  await settle();
  ask('interrupt_request', {}, 'control');
  await settle();
  assert.equal(engines[0]!.interrupts, 1);
});

test('an engine that dies in a cell: the cell fails with why, and the next one starts another', async () => {
  const request = cell('x');
  await settle();
  engines[0]!.die({ signal: 'SIGSEGV', stderr: ['last words'] });
  await settle();
  const reply = replyTo(request)!;
  assert.equal(reply.status, 'error');
  assert.match(String(reply.evalue), /cpu\/pytorch \(process 100\) was ended by SIGSEGV/);
  cell('y');
  await settle();
  assert.equal(engines.length, 2);
  assert.equal(engines[1]!.got.at(-1)!.message.content.code, 'y');
});

test('kernel_info, comm_info, usage and interrupts are answered while a cell runs', async () => {
  cell('busy');
  await settle();
  for (const [type, channel] of [
    ['kernel_info_request', 'shell'],
    ['comm_info_request', 'shell'],
    ['usage_request', 'control'],
  ] as const) {
    const request = ask(type, {}, channel);
    await settle();
    assert.deepEqual(kinds(request), ['busy', type.replace('request', 'reply'), 'idle']);
  }
});

test('what is no message, or not ours, or not new, is dropped and logged', async () => {
  const good = seal(signer, {
    identities: [],
    header: createHeader('kernel_info_request', 'x'),
    parentHeader: {},
    metadata: {},
    content: {},
  });
  const forged = good.map((frame) => Buffer.from(frame));
  forged[1]![0]! ^= 1;
  for (const frames of [[Buffer.from('garbage')], [], forged, good, good]) session.fromClient('shell', frames);
  await settle();
  assert.equal(logged.length, 4);
  assert.deepEqual(
    logged.map((line) => /\((\w+)\)/.exec(line)![1]),
    ['malformed', 'malformed', 'signature', 'replay'],
  );
  assert.deepEqual(
    sent.map((one) => one.channel),
    ['iopub', 'shell', 'iopub'],
  );
});

test('a question goes to the client, and its answer to the engine that asked', async () => {
  cell('input()');
  await settle();
  const asked = engines[0]!.got.at(-1)!.message;
  const frames = engines[0]!.say('stdin', 'input_request', asked, { prompt: '?', password: false });
  assert.equal(sent.at(-1)!.frames, frames);
  ask('input_reply', { value: 'answer' }, 'stdin');
  assert.deepEqual([engines[0]!.got.at(-1)!.channel, engines[0]!.got.at(-1)!.message.content.value], ['stdin', 'answer']);
});

test('comms: ours are answered here, an engine’s go to it whichever is active, and are closed when it dies', async () => {
  ask('comm_open', { comm_id: 'ours', target_name: 'tradewind.echo', data: {} });
  ask('comm_msg', { comm_id: 'ours', data: { a: 1 } });
  await settle();
  assert.deepEqual(sent.find((one) => one.message.header.msg_type === 'comm_msg')!.message.content, {
    comm_id: 'ours',
    data: { back: { a: 1 } },
  });
  engines[0]!.say('iopub', 'comm_open', cell('w'), { comm_id: 'theirs', target_name: 'jupyter.widget', data: {} }, 'comm-theirs');
  await settle();
  engines[0]!.execute(engines[0]!.got.at(-1)!.message);
  cell('%chip npu');
  await settle();
  ask('comm_msg', { comm_id: 'theirs', data: {} });
  await settle();
  assert.equal(engines[0]!.got.at(-1)!.message.header.msg_type, 'comm_msg');
  const info = ask('comm_info_request', {});
  await settle();
  assert.deepEqual(replyTo(info)!.comms, { ours: { target_name: 'tradewind.echo' }, theirs: { target_name: 'jupyter.widget' } });
  engines[0]!.die({ code: 1 });
  await settle();
  assert.equal(sent.findLast((one) => one.message.header.msg_type === 'comm_close')!.message.content.comm_id, 'theirs');
});

test('a subshell is made in the engine under the kernel’s name when it is first used', async () => {
  const made = ask('create_subshell_request', {}, 'control');
  await settle();
  const id = replyTo(made)!.subshell_id;
  ask('execute_request', { code: 'x' }, 'shell', { subshell_id: id });
  await settle();
  const [create, execute] = engines[0]!.got.slice(-2);
  assert.deepEqual([create!.message.header.msg_type, create!.message.content.subshell_id], ['create_subshell_request', id]);
  assert.equal(execute!.message.header.subshell_id, id);
});

test('shutdown: engines end first, then the client is told, then the kernel ends', async () => {
  const request = ask('shutdown_request', { restart: true }, 'control');
  await settle();
  assert.equal(engines[0]!.got.at(-1)!.message.header.msg_type, 'shutdown_request');
  assert.equal(ended, false);
  engines[0]!.die({ code: 0 });
  await settle();
  assert.deepEqual(replyTo(request), { status: 'ok', restart: true });
  assert.equal(ended, true);
});

test('a new subscriber is welcomed', () => {
  session.subscribed(Buffer.alloc(0));
  assert.deepEqual([sent.at(-1)!.message.header.msg_type, sent.at(-1)!.message.content.subscription], ['iopub_welcome', '']);
});
