/** A job's wait in Slurm's queue, as squeue tells it: its reason in words. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The controller of a large machine is not to be asked more often. */
const INTERVAL = 5000;

/** squeue's reasons (its manual, JOB REASON CODES) that people meet, in words. */
const REASONS: Readonly<Record<string, string>> = {
  Resources: 'the nodes that it asks for are in use',
  Priority: 'jobs of higher priority come first',
  Dependency: 'it waits for another job',
  BeginTime: 'its time to begin has not come',
  Reservation: 'its reservation has not begun',
  Licenses: 'a licence that it needs is in use',
  JobHeldUser: 'it is held: scontrol release lets it go',
  JobHeldAdmin: 'an administrator holds it',
  PartitionDown: 'the partition is down',
  PartitionInactive: 'the partition takes no jobs now',
  PartitionNodeLimit: 'it asks for more nodes than the partition allows',
  PartitionTimeLimit: 'it asks for more time than the partition allows',
  ReqNodeNotAvail: 'a node that it asks for is down, drained or reserved',
  NodeDown: 'a node that it asks for is down',
  QOSMaxJobsPerUserLimit: 'you have as many jobs as the quality of service allows',
  QOSMaxCpuPerUserLimit: 'you have as many cores as the quality of service allows',
  QOSMaxGRESPerUser: 'you have as many cards as the quality of service allows',
  QOSGrpGRES: 'the quality of service has all its cards in use',
  AssocGrpCPUMinutesLimit: 'the account has used up its time',
  AssocGrpGRES: 'the account has all its cards in use',
  AssocGrpCpuLimit: 'the account has all its cores in use',
  AssocMaxJobsLimit: 'you have as many jobs as the account allows',
  InvalidAccount: 'there is no such account',
  InvalidQOS: 'there is no such quality of service',
};

/** `squeue --format=%r|%S` of a waiting job → a sentence. Reasons may have more behind a comma (`ReqNodeNotAvail, UnavailableNodes:n1`). */
export function queueSentence(job: string, line: string): string {
  const [reason = '', start = ''] = line.trim().split('|');
  const word = reason.replace(/^\(|\)$/g, '').split(/[,:\s]/)[0]!;
  const why = REASONS[word] ? `${reason}: ${REASONS[word]}` : reason;
  const when = /^\d{4}-\d\d-\d\dT/.test(start) ? `; expected to start at ${start.replace('T', ' ')}` : '';
  return `job ${job} waits in Slurm's queue${why && why !== 'None' ? ` (${why})` : ''}${when}`;
}

/** Asks again and again why the job waits, until `stop` is called. */
export function watchQueue(job: string, environment: NodeJS.ProcessEnv, tell: (sentence: string) => void): { stop(): void } {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const ask = async () => {
    const words = ['--noheader', `--jobs=${job}`, '--states=PENDING', '--format=%r|%S'];
    const line = await run('squeue', words, { env: environment, timeout: 20_000 }).then(
      ({ stdout }) => stdout,
      () => '',
    );
    if (stopped) return;
    tell(queueSentence(job, line));
    timer = setTimeout(ask, INTERVAL);
    timer.unref();
  };
  void ask();
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
