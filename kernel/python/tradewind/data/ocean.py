"""A small simulated ocean: 1½ layers of reduced gravity on a C-grid with the real coastline, driven by `weather.py`, carrying heat and salt.

Equations (Gill 1982, ch. 5 and 10; vector-invariant form of Arakawa & Lamb 1977), for the moving layer of thickness h:
    ∂u/∂t − (f+ζ) v = −∂/∂x (g′h + K) + τx/(ρh) − r u + A ∇²u        K = (u² + v²)/2
    ∂v/∂t + (f+ζ) u = −∂/∂y (g′h + K) + τy/(ρh) − r v + A ∇²v
    ∂h/∂t + ∇·(h u) = (H − h)/τ_h, less its mean
    ∂(hC)/∂t + ∇·(h u C) = ∇·(h κ ∇C) + h (C* − C)/τ_C               C = temperature, salinity
Forward–backward in time, upwind tracers in flux form: mass closes to rounding, and so do heat and salt where nothing is relaxed.
Arrays are ``[rows, columns]``, south to north, periodic eastwards; u lies on a cell's eastern face, v on its northern one.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

EARTH_RADIUS = 6.371e6
ROTATION = 7.2921e-5
REDUCED_GRAVITY = 0.03
GRAVITY = 9.81
DENSITY = 1025.0
REST_THICKNESS = 300.0
DRAG = 1.0 / (40 * 86400.0)
RELAXATION = (12 * 86400.0, 30 * 86400.0)  # seconds, temperature and salinity
THICKNESS_RELAXATION = 250 * 86400.0  # exchange with the deep, which keeps the layer from outcropping under the westerlies


class Grid(NamedTuple):
    """Cell centres in degrees, edges' lengths in metres, areas in square metres, and where there is sea."""

    latitude: np.ndarray
    longitude: np.ndarray
    sea: np.ndarray
    dx: np.ndarray  # [rows, 1], of a cell from west to east
    dx_north: np.ndarray  # [rows, 1], of its northern edge
    dy: float
    area: np.ndarray  # [rows, 1]
    coriolis_u: np.ndarray  # [rows, 1], at u
    coriolis_v: np.ndarray  # [rows, 1], at v


def make_grid(degrees: float, sea: np.ndarray | None = None, north: float = 72.0) -> Grid:
    """The grid of ``degrees`` wide cells between ``north`` S and N; ``sea`` replaces the real coastline (tests)."""
    from .coastline import sea_mask

    rows, columns = round(2 * north / degrees), round(360 / degrees)
    latitude = -north + degrees * (np.arange(rows) + 0.5)
    longitude = -180 + degrees * (np.arange(columns) + 0.5)
    if sea is None:
        sea = sea_mask(rows, columns, -north, degrees)
    radians = math.radians(degrees)
    cos = np.array([math.cos(math.radians(value)) for value in latitude])[:, None]
    cos_north = np.array([math.cos(math.radians(value + degrees / 2)) for value in latitude])[:, None]
    sin = np.array([math.sin(math.radians(value)) for value in latitude])[:, None]
    sin_north = np.array([math.sin(math.radians(value + degrees / 2)) for value in latitude])[:, None]
    dx, dy = EARTH_RADIUS * radians * cos, EARTH_RADIUS * radians
    return Grid(latitude, longitude, sea, dx, EARTH_RADIUS * radians * cos_north, dy, dx * dy, 2 * ROTATION * sin, 2 * ROTATION * sin_north)


def east(a: np.ndarray) -> np.ndarray:
    """The eastern neighbour's value."""
    out = np.empty_like(a)
    out[..., :-1] = a[..., 1:]
    out[..., -1] = a[..., 0]
    return out


def west(a: np.ndarray) -> np.ndarray:
    out = np.empty_like(a)
    out[..., 1:] = a[..., :-1]
    out[..., 0] = a[..., -1]
    return out


def north(a: np.ndarray) -> np.ndarray:
    """The northern neighbour's value; the last row has itself (its northern face is a wall)."""
    out = np.empty_like(a)
    out[..., :-1, :] = a[..., 1:, :]
    out[..., -1, :] = a[..., -1, :]
    return out


def south(a: np.ndarray, edge: float = 0.0) -> np.ndarray:
    """The southern neighbour's value; ``edge`` beyond the first row."""
    out = np.empty_like(a)
    out[..., 1:, :] = a[..., :-1, :]
    out[..., 0, :] = edge
    return out


class Ocean:
    """The state and its steps. ``u``, ``v`` (m/s), ``h`` (m), ``tracers`` (temperature in degC, salinity in psu: ``[2, rows, columns]``)."""

    def __init__(self, grid: Grid, temperature: np.ndarray, salinity: np.ndarray, step_seconds: float):
        self.grid = grid
        self.dt = step_seconds
        sea = grid.sea.astype(float)
        self.u_open = sea * east(sea)
        self.v_open = sea * north(sea)
        self.v_open[-1] = 0.0
        # A corner (north-eastern) turns only where all four cells are sea: free slip along coasts.
        self.corner = self.u_open * north(self.u_open) * self.v_open * east(self.v_open)
        self.u = np.zeros_like(sea)
        self.v = np.zeros_like(sea)
        self.h = np.full_like(sea, REST_THICKNESS)
        self.tracers = np.stack([temperature, salinity]) * sea
        degrees = 180 / math.pi * grid.dy / EARTH_RADIUS
        self.friction = 4.0e4 * (degrees / 2) ** 2
        self.diffusion = 2.0e3
        # Inverse lengths and areas: multiplications are cheaper than divisions.
        self._dx, self._dy, self._area = 1 / grid.dx, 1 / grid.dy, 1 / grid.area
        self._dx_north = 1 / np.maximum(grid.dx_north, 1.0)
        self._corner_area = 1 / np.maximum(grid.dx_north * grid.dy, 1.0)
        self._tracer_x = self.diffusion * self.u_open * grid.dy * self._dx
        self._tracer_y = self.diffusion * self.v_open * grid.dx_north * self._dy
        self._relax = np.array(RELAXATION)[:, None, None]
        self._inverse_sea_area = 1 / float((sea * grid.area).sum())
        self._steps = 0

    def step(self, stress_x: np.ndarray, stress_y: np.ndarray, targets: np.ndarray | None) -> None:
        """One step under the wind stress at cell centres (Pa); ``targets`` ``[2, rows, columns]`` are C*, None leaves tracers unrelaxed."""
        self._advance_thickness_and_tracers(targets)
        self._advance_velocity(stress_x, stress_y)
        self._steps += 1

    def _advance_thickness_and_tracers(self, targets: np.ndarray | None) -> None:
        g, dt, h, c = self.grid, self.dt, self.h, self.tracers
        # Volume through the eastern and northern faces, m³/s: the same numbers move mass and tracers, so that constants stay constant.
        flow_x = self.u * (0.5 * g.dy) * (h + east(h))
        flow_y = self.v * (0.5 * g.dx_north) * (h + north(h))
        new_h = h - dt * self._area * (flow_x - west(flow_x) + flow_y - south(flow_y))
        c_east, c_north = east(c), north(c)
        thickness_x, thickness_y = self._tracer_x * 0.5 * (h + east(h)), self._tracer_y * 0.5 * (h + north(h))
        carried_x = np.where(flow_x > 0, c, c_east) * flow_x - thickness_x * (c_east - c)
        carried_y = np.where(flow_y > 0, c, c_north) * flow_y - thickness_y * (c_north - c)
        content = h * c - dt * self._area * (carried_x - west(carried_x) + carried_y - south(carried_y))
        if targets is not None:
            # Implicit, so that it is stable however strong: C_new = (C + a C*) / (1 + a).
            a = dt / self._relax
            self.tracers = (content / new_h + a * targets) / (1 + a) * g.sea
            # What comes from the deep brings the layer's own heat and salt: only the thickness changes.
            exchange = (REST_THICKNESS - new_h) * g.sea * (dt / THICKNESS_RELAXATION)
            new_h = new_h + (exchange - (exchange * g.area).sum() * self._inverse_sea_area) * g.sea
        else:
            self.tracers = content / new_h * g.sea
        self.h = new_h

    def _advance_velocity(self, stress_x: np.ndarray, stress_y: np.ndarray) -> None:
        g, dt, u, v, h = self.grid, self.dt, self.u, self.v, self.h
        # Vorticity at north-eastern corners; energy at centres.
        vorticity = self.corner * ((east(v) - v) * self._dx_north - (north(u) - u) * self._dy)
        u_west, v_south = west(u), south(v)
        energy = 0.25 * (u * u + u_west * u_west + v * v + v_south * v_south)
        head = REDUCED_GRAVITY * h + energy
        divergence = (u - u_west) * self._dx + (v - v_south) * self._dy
        # ∇² as the gradient of divergence less the curl of vorticity: no shear stress where a corner touches land.
        force_x = (
            (self.friction * (east(divergence) - divergence) - (east(head) - head)) * self._dx
            - self.friction * (vorticity - south(vorticity)) * self._dy
            + (stress_x + east(stress_x)) / (DENSITY * (h + east(h)))
        )
        force_y = (
            (self.friction * (north(divergence) - divergence) - (north(head) - head)) * self._dy
            + self.friction * (vorticity - west(vorticity)) * self._dx_north
            + (stress_y + north(stress_y)) / (DENSITY * (h + north(h)))
        )
        damp = 1 / (1 + dt * DRAG)
        turn_u = g.coriolis_u + 0.5 * (vorticity + south(vorticity))
        turn_v = g.coriolis_v + 0.5 * (vorticity + west(vorticity))
        # Coriolis forward–backward, the first component taking turns: stable for f dt < 1 and without a bias.
        for component in ("uv", "vu")[self._steps % 2]:
            if component == "u":
                v_at_u = 0.25 * (self.v + east(self.v) + south(self.v) + south(east(self.v)))
                self.u = self.u_open * damp * (u + dt * (force_x + turn_u * v_at_u))
            else:
                u_at_v = 0.25 * (self.u + west(self.u) + north(self.u) + north(west(self.u)))
                self.v = self.v_open * damp * (v + dt * (force_y - turn_v * u_at_v))

    def centred_velocity(self) -> tuple[np.ndarray, np.ndarray]:
        """Eastward and northward velocity at cell centres, m/s."""
        return 0.5 * (self.u + west(self.u)), 0.5 * (self.v + south(self.v))
