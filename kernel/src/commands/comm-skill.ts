/**
 * The comm target `tradewind.skill`: what the skill map needs of a score beyond its record, as binary buffers.
 *
 * `field`: a metric at every cell of one lead; quantised for the screen, or with `exact: true` the float32 values and how many samples each has.
 * `sums`: sums by blocks, lead by lead, from which the browser scores what is drawn on the map.
 * `area`: the exact sums over an area, lead by lead; a request for another area ends earlier ones.
 * `times`: a region's sums by initial time, of all leads that are asked for, where the score keeps them.
 * A request with `grid: true` gets the coordinates too.
 */
import { initialTimeSums } from '../evaluate/initialTimeSums.ts';
import { type ReadLead, type ScoreReader, scoreReader } from '../evaluate/scoreReader.ts';
import { areaMask, checkedArea } from '../records/areas.ts';
import { blockSums } from '../records/blocks.ts';
import { hasSums, metricField } from '../records/cellFields.ts';
import { describe, TradewindError } from '../records/errors.ts';
import { quantiseScreen } from '../records/quantise.ts';
import { type Weights, weigh } from '../records/scores.ts';
import type { CommChannel, CommTarget } from './comm.ts';

type Request = Record<string, unknown>;

export const target: CommTarget = {
  name: 'tradewind.skill',
  open(channel) {
    const reader = scoreReader();
    const answer = async (data: Request, give: () => Promise<void>) => {
      try {
        await give();
      } catch (error) {
        channel.send({ type: 'error', request: data.request, message: describe(error) });
      }
    };
    let closed = false;
    let area = '';
    // Many leads take a while: fields that are asked for meanwhile are answered between two of them.
    let slow: Promise<void> = Promise.resolve();
    const later = (data: Request, give: () => Promise<void>) => {
      slow = slow.then(() => (closed ? undefined : answer(data, give)));
    };
    return {
      message(data) {
        if (data.type === 'field') return answer(data, () => field(channel, reader, data));
        if (data.type === 'sums') later(data, () => sums(channel, reader, data, () => closed));
        if (data.type === 'times') later(data, () => times(channel, reader, data));
        if (data.type === 'area') {
          const asked = JSON.stringify(data.area);
          area = asked;
          later(data, () => areaSums(channel, reader, data, () => closed || area !== asked));
        }
      },
      closed() {
        closed = true;
        reader.clear();
      },
    };
  },
};

async function field(channel: CommChannel, reader: ScoreReader, data: Request): Promise<void> {
  const { request, metric } = data;
  const one = await reader.find(data.score, data.variable, data.lead);
  const cells = await one.sums();
  if (typeof metric !== 'string' || !hasSums(metric, cells)) {
    throw new TradewindError({
      code: 'usage',
      message: `the score can’t give ${String(metric)} by cell`,
      where: one.score.path,
      remedy: 'Evaluate again with --metrics that name it.',
    });
  }
  const values = metricField(metric, cells);
  const { latitude, longitude } = one.score.grid;
  const head = { type: 'field', request, rows: latitude.length, columns: longitude.length, ...gridOf(one, data) };
  if (data.exact === true) {
    channel.send({ ...head, exact: true }, [values, Uint32Array.from(cells.count)]);
    return;
  }
  const { minimum, maximum, levels } = quantiseScreen(values);
  channel.send({ ...head, minimum, maximum }, [levels]);
}

async function sums(channel: CommChannel, reader: ScoreReader, data: Request, stopped: () => boolean): Promise<void> {
  for (const lead of leadsOf(data)) {
    if (stopped()) return;
    const one = await reader.find(data.score, data.variable, lead);
    const { weights, factor } = one.blocks(weightsOf(data));
    const blocks = blockSums(await one.sums(), weights, factor);
    const names = Object.keys(blocks);
    const head = { type: 'sums', request: data.request, lead, names, factor, samples: one.samples, ...gridOf(one, data) };
    channel.send(
      head,
      names.map((name) => blocks[name as keyof typeof blocks]!),
    );
  }
}

async function areaSums(channel: CommChannel, reader: ScoreReader, data: Request, stopped: () => boolean): Promise<void> {
  const area = checkedArea(data.area);
  if (!area)
    throw new TradewindError({
      code: 'usage',
      message: 'an area is {kind: box, box: [west, east, south, north]} or {kind: polygon, points: [[longitude, latitude] …]}',
    });
  let mask: Uint8Array | undefined;
  for (const lead of leadsOf(data)) {
    if (stopped()) return;
    const one = await reader.find(data.score, data.variable, lead);
    mask ??= areaMask(area, one.score.grid);
    const total = weigh(await one.sums(), one.blocks(weightsOf(data)).weights, mask);
    channel.send({ type: 'area', request: data.request, lead, sums: total, samples: one.samples });
  }
}

/** The coordinates, where they are asked for. */
function gridOf({ score }: ReadLead, data: Request): object {
  const { latitude, longitude, latitudeEdges: edges } = score.grid;
  if (data.grid !== true) return {};
  return { grid: { latitude: Array.from(latitude), longitude: Array.from(longitude), ...(edges && { latitudeEdges: Array.from(edges) }) } };
}

async function times(channel: CommChannel, reader: ScoreReader, data: Request): Promise<void> {
  const leads = leadsOf(data);
  const { score, forecast } = await reader.find(data.score, data.variable, leads[0]);
  for (const lead of leads) await reader.find(data.score, data.variable, lead);
  const found = await initialTimeSums(score, forecast, String(data.variable), leads as number[], String(data.region), weightsOf(data));
  const { positions, sums, values } = found ?? { positions: [], sums: [], values: new Float64Array() };
  channel.send({ type: 'times', request: data.request, positions, sums }, [values]);
}

const weightsOf = ({ weights }: Request): Weights => (weights === 'area' ? 'area' : 'cos');

function leadsOf({ leads }: Request): unknown[] {
  if (Array.isArray(leads)) return leads;
  throw new TradewindError({ code: 'usage', message: 'leads are a list of numbers' });
}
