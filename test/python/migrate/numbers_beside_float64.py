"""Python numbers beside float64 tensors, an expression for each way of meeting."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

GRAVITY = 9.80665


class BesideFloat64(nn.Module):
    def __init__(self):
        super().__init__()
        self.rate = 0.3
        self.width = 3
        self.register_buffer("steps", torch.linspace(0.1, 2.3, 8, dtype=torch.float64))
        self.scale = nn.Parameter(torch.full((8,), 0.7, dtype=torch.float64))

    def forward(self, x):
        x = x.double()
        positive = x.abs() + 0.1
        y = x.clone()
        y += 0.3
        y *= self.rate
        out = dict(
            mul=x * 0.1,
            rmul=0.1 * x,
            add=x + 0.1,
            radd=0.1 + x,
            sub=x - 0.1,
            rsub=0.1 - x,
            div=x / 0.3,
            rdiv=2 * np.pi / positive,
            pow=positive**0.3,
            rpow=0.3**x,
            mod=x % 0.3,
            floordiv=x // 0.3,
            attribute=self.rate * x,
            reckoned=self.rate * 2 * x,
            of_module=x / (GRAVITY * 0.7),
            quotient=x * (1 / self.width) - (GRAVITY - self.rate),
            power=x * self.width**-0.5,
            bounds=x.clamp(-self.rate * 0.7, GRAVITY / 30),
            inplace=y,
            function=torch.mul(x, 0.1),
            method=x.mul(0.1),
            f_add=torch.add(x, 0.3, alpha=0.7),
            m_add=x.add(0.3),
            f_sub=torch.sub(x, 0.1),
            f_div=torch.div(x, 0.3),
            f_pow=torch.pow(positive, 0.3),
            m_pow=positive.pow(0.7),
            clamp=x.clamp(-0.3, 0.7),
            clamp_min=torch.clamp(x, min=0.1),
            clip=x.clip(max=0.3),
            where=torch.where(x > 0, x, 0.1),
            fill=x.masked_fill(x > 0, 0.3),
            fmod=torch.fmod(x, 0.3),
            remainder=torch.remainder(x, 0.3),
            lerp=torch.lerp(x, positive, 0.3),
            addcmul=torch.addcmul(x, x, positive, value=0.3),
            addcdiv=torch.addcdiv(x, x, positive, value=0.3),
            full=torch.full_like(x, 0.1),
            full2=torch.full((8,), 0.1, dtype=torch.float64) * x,
            tensor=torch.tensor(0.1, dtype=torch.float64) * x,
            ones=torch.ones_like(x) * 0.1,
            arange=torch.arange(0, 0.8, 0.1, dtype=torch.float64) * x,
            linspace=torch.linspace(0.1, 0.7, 8, dtype=torch.float64) * x,
            steps=self.steps * x,
            scale=self.scale * x,
            new=x.new_full((8,), 0.1),
            newt=x.new_tensor([0.1, 0.3]).sum() * x,
            leaky=F.leaky_relu(x, 0.3),
            elu=F.elu(x, 0.3),
            softplus=F.softplus(x, 0.3),
            gelu=F.gelu(x),
            silu=F.silu(x),
            tanh=torch.tanh(x),
            sigmoid=torch.sigmoid(x),
            exp=torch.exp(x),
            log=torch.log(positive),
            sin=torch.sin(x),
            mean=x.mean(),
            std=x.std(),
            norm=F.layer_norm(x, (8,)),
            softmax=torch.softmax(x, -1),
            logsumexp=torch.logsumexp(x, -1),
            nested=(x * 0.1 + 0.3) / (1.7 - x * 0.2),
            deg=torch.deg2rad(x),
            sqrt=torch.sqrt(positive),
            hyp=torch.hypot(x, positive),
            atan=torch.atan2(x, positive),
            erf=torch.erf(x),
            cum=torch.cumsum(x * 0.1, -1),
            gt=(x > 0.3).double(),
            maximum=torch.clamp_min(x, 0.3),
            threshold=F.threshold(x, 0.1, 0.3),
            hardtanh=F.hardtanh(x, -0.3, 0.7),
            celu=F.celu(x, 0.7),
            mse=F.mse_loss(x, positive),
            huber=F.huber_loss(x, positive, delta=0.3),
            pi=x * math.pi,
            interval=torch.pow(0.3, x),
            rsqrt=torch.rsqrt(positive),
            xlogy=torch.xlogy(x, positive),
            nan=torch.nan_to_num(x, nan=0.1),
            std2=torch.var(x, dim=-1),
            heav=torch.sinc(x),
            norm2=x.norm(),
            cos=F.cosine_similarity(x, positive, dim=-1),
        )
        return out
