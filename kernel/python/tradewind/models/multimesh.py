"""GraphCast's graphs (Lam et al. 2022, arXiv 2212.12794, supplement section 3.3): an icosahedral multi-mesh and its ties to a latitude-longitude grid.

All of it is vectorised NumPy: no loop over nodes or edges. A 0.25 degree grid with its six times refined mesh takes seconds.
"""

from typing import NamedTuple

import numpy as np


class Mesh(NamedTuple):
    """Triangles on the unit sphere. Face ``f`` of one level has the children ``4 f … 4 f + 3`` on the next."""

    vertices: np.ndarray  # [nodes, 3]
    faces: np.ndarray  # [faces, 3], seen from outside counter-clockwise


class Edges(NamedTuple):
    """Directed edges and what the network is told about each: its length and the way from sender to receiver in the receiver's frame."""

    senders: np.ndarray
    receivers: np.ndarray
    features: np.ndarray  # [edges, 4]


class MultiMesh(NamedTuple):
    """The three graphs, and the features of their nodes: cosine of latitude, sine and cosine of longitude."""

    grid: np.ndarray  # [grid nodes, 3]
    mesh: np.ndarray  # [mesh nodes, 3]
    grid_to_mesh: Edges
    within_mesh: Edges
    mesh_to_grid: Edges


def icosahedron():
    """Turned about the y axis so that a face, not a vertex, looks to each pole (as GraphCast's)."""
    golden = (1 + np.sqrt(5)) / 2
    signs = np.array([[1, 1], [-1, 1], [1, -1], [-1, -1]], float)
    short, long = signs[:, 0], signs[:, 1] * golden
    zeros = np.zeros(4)
    vertices = np.concatenate([np.stack(axes, -1) for axes in ((short, long, zeros), (zeros, short, long), (long, zeros, short))])
    vertices /= np.linalg.norm(vertices, axis=1, keepdims=True)
    angle = (np.pi - 2 * np.arcsin(golden / np.sqrt(3))) / 2
    cos, sin = np.cos(angle), np.sin(angle)
    vertices = vertices @ np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
    # The faces are the triples of mutual neighbours; a neighbour is an edge's length away.
    gaps = np.linalg.norm(vertices[:, None] - vertices[None], axis=-1)
    near = np.isclose(gaps, gaps[gaps > 0].min())
    first, second, third = np.nonzero(near[:, :, None] & near[:, None, :] & near[None, :, :])
    ordered = (first < second) & (second < third)
    faces = np.stack([first[ordered], second[ordered], third[ordered]], -1)
    a, b, c = (vertices[faces[:, at]] for at in range(3))
    inward = np.einsum("fi,fi->f", np.cross(a, b), c) < 0
    faces[inward] = faces[inward][:, ::-1]
    return Mesh(vertices, faces)


def refined(mesh):
    """Every triangle becomes four, by the middles of its sides pushed out to the sphere; old vertices keep their numbers."""
    sides = np.concatenate([mesh.faces[:, [0, 1]], mesh.faces[:, [1, 2]], mesh.faces[:, [2, 0]]])
    unique, place = np.unique(np.sort(sides, axis=1), axis=0, return_inverse=True)
    middles = mesh.vertices[unique].sum(1)
    middles /= np.linalg.norm(middles, axis=1, keepdims=True)
    count = len(mesh.faces)
    ab, bc, ca = np.split(len(mesh.vertices) + place.reshape(-1), [count, 2 * count])
    a, b, c = mesh.faces.T
    children = np.stack([a, ab, ca, ab, b, bc, ca, bc, c, ab, bc, ca], -1).reshape(-1, 3)
    return Mesh(np.concatenate([mesh.vertices, middles]), children)


def meshes(level):
    """The icosahedron and its refinements, up to ``level``."""
    found = [icosahedron()]
    for _ in range(level):
        found.append(refined(found[-1]))
    return found


def mesh_edges(faces):
    """Both directions of every side, each once."""
    sides = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    return np.unique(np.concatenate([sides, sides[:, ::-1]]), axis=0)


def on_sphere(latitudes, longitudes):
    """Unit vectors of a grid's points, row by row; degrees."""
    phi, lam = np.meshgrid(np.deg2rad(latitudes), np.deg2rad(longitudes), indexing="ij")
    return np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], -1).reshape(-1, 3)


def grid_points_within(centres, latitudes, longitudes, radius):
    """Pairs (grid point, centre) whose chord is at most ``radius``; longitudes are evenly spaced round the globe."""
    step = 2 * np.pi / len(longitudes)
    phi = np.deg2rad(latitudes)
    centre_phi = np.arcsin(np.clip(centres[:, 2], -1, 1))
    centre_lam = np.arctan2(centres[:, 1], centres[:, 0]) - np.deg2rad(longitudes[0])
    angle = 2 * np.arcsin(min(radius / 2, 1.0))
    centre, row = np.nonzero(np.abs(centre_phi[:, None] - phi[None]) <= angle)
    # On a row, the points within lie on an arc about the centre's longitude: cos(angle) = sin sin + cos cos cos(half).
    across = np.cos(centre_phi[centre]) * np.cos(phi[row])
    above = np.cos(angle) - np.sin(centre_phi[centre]) * np.sin(phi[row])
    bounded = np.abs(above) < across
    half = np.where(bounded, np.arccos(np.clip(above / np.where(bounded, across, 1), -1, 1)), np.where(above <= -across, np.pi, -1.0))
    first = np.ceil((centre_lam[centre] - half) / step).astype(np.int64)
    last = np.floor((centre_lam[centre] + half) / step).astype(np.int64)
    count = np.clip(np.where(half < 0, 0, last - first + 1), 0, len(longitudes))
    which = np.repeat(np.arange(len(count)), count)
    column = first[which] + np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    return row[which] * len(longitudes) + column % len(longitudes), centre[which]


def containing_faces(points, levels):
    """The face of the finest mesh that holds each point, found from the icosahedron's twenty downwards."""
    chosen = np.argmax(_insideness(points, levels[0], np.arange(20)[None]), axis=1)
    for mesh in levels[1:]:
        children = 4 * chosen[:, None] + np.arange(4)[None]
        chosen = np.take_along_axis(children, np.argmax(_insideness(points, mesh, children), axis=1)[:, None], 1)[:, 0]
    return chosen


def _insideness(points, mesh, candidates, at_once=1 << 17):
    """How far inside its three sides a point lies, for each candidate face; negative is outside."""
    a, b, c = (mesh.vertices[mesh.faces[:, at]] for at in range(3))
    walls = np.stack([np.cross(a, b), np.cross(b, c), np.cross(c, a)], 1)
    walls /= np.linalg.norm(walls, axis=-1, keepdims=True)
    candidates = np.broadcast_to(candidates, (len(points), candidates.shape[1]))
    return np.concatenate(
        [
            np.einsum("pfwi,pi->pfw", walls[candidates[at : at + at_once]], points[at : at + at_once]).min(-1)
            for at in range(0, len(points), at_once)
        ]
    )


def edges_between(senders, receivers, sender_points, receiver_points):
    """Edges with their features, in units of the longest edge: the receiver is turned to latitude and longitude zero, the sender with it."""
    there, here = sender_points[senders], receiver_points[receivers]
    cos_phi = np.hypot(here[:, 0], here[:, 1])
    safe = np.where(cos_phi > 0, cos_phi, 1.0)
    cos_lam, sin_lam = np.where(cos_phi > 0, here[:, 0] / safe, 1.0), np.where(cos_phi > 0, here[:, 1] / safe, 0.0)
    east = -sin_lam * there[:, 0] + cos_lam * there[:, 1]
    level = cos_lam * there[:, 0] + sin_lam * there[:, 1]
    up = cos_phi * level + here[:, 2] * there[:, 2]
    north = cos_phi * there[:, 2] - here[:, 2] * level
    way = np.stack([up - 1, east, north], -1)
    lengths = np.linalg.norm(way, axis=1, keepdims=True)
    features = np.concatenate([lengths, way], 1) / lengths.max()
    return Edges(senders.astype(np.int64), receivers.astype(np.int64), features.astype(np.float32))


def node_features(points):
    """Cosine of latitude, sine and cosine of longitude."""
    cos_phi = np.hypot(points[:, 0], points[:, 1])
    longitude = np.arctan2(points[:, 1], points[:, 0])
    return np.stack([cos_phi, np.sin(longitude), np.cos(longitude)], -1).astype(np.float32)


def multimesh(latitudes, longitudes, level, radius=0.6):
    """GraphCast's graphs for a grid (degrees; longitudes evenly round the globe) and a mesh refined ``level`` times.

    A grid point sends to the mesh nodes that are nearer than ``radius`` times the finest mesh's longest edge; a mesh node sends to the grid points in its
    triangles; within the mesh the edges of all levels are kept.
    """
    latitudes, longitudes = np.asarray(latitudes, float), np.asarray(longitudes, float)
    levels = meshes(level)
    finest = levels[-1]
    points = on_sphere(latitudes, longitudes)
    ends = np.concatenate([mesh_edges(mesh.faces) for mesh in levels])
    fine = mesh_edges(finest.faces)
    longest = np.linalg.norm(finest.vertices[fine[:, 0]] - finest.vertices[fine[:, 1]], axis=1).max()
    near, node = grid_points_within(finest.vertices, latitudes, longitudes, radius * longest)
    corners = finest.faces[containing_faces(points, levels)]
    return MultiMesh(
        node_features(points),
        node_features(finest.vertices),
        edges_between(near, node, points, finest.vertices),
        edges_between(ends[:, 0], ends[:, 1], finest.vertices, finest.vertices),
        edges_between(corners.reshape(-1), np.repeat(np.arange(len(points)), 3), finest.vertices, points),
    )
