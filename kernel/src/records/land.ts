/** Coastlines: Natural Earth 1:110m (public domain), as world-atlas packs it. */
import { feature } from 'topojson-client';
import topology from 'world-atlas/land-110m.json' with { type: 'json' };

type Topology = Parameters<typeof feature>[0];

const packed = topology as unknown as Topology;

/** GeoJSON. */
export const LAND = feature(packed, packed.objects.land!);
