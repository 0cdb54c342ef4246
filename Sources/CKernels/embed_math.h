// Constants of the approximations that every instruction set shares, so that all follow the same curve.
#pragma once

// gelu(x) = x * (1/2 + c * P(s)), c = x clamped to the edge, s = c * c * 2 / edge^2 - 1. Weighted minimax fits by
// Tests/Fixtures/embedding/fit_gelu.py. The precise one is off by 3.7e-6 at most, the quick one by 4e-5 within its edge
// and by 8e-5 of the value beyond: far less than half a step of the codes that follow it.
#define FN_GELU_EDGE 4.75f
#define FN_GELU_TERMS 11
static const float fn_gelu_terms[FN_GELU_TERMS] = {
    0.14874829351902008f,   -0.07366754859685898f,  0.0532352551817894f,    -0.04056817293167114f,
    0.030402855947613716f,  -0.02164986915886402f,  0.013405762612819672f,  -0.007168211508542299f,
    0.00501558231189847f,   -0.0037714126519858837f, 0.0012805508449673653f,
};
#define FN_GELU_QUICK_EDGE 4.0f
#define FN_GELU_QUICK_TERMS 8
static const float fn_gelu_quick_terms[FN_GELU_QUICK_TERMS] = {
    0.17594774067401886f,  -0.08435747772455215f,   0.05605094134807587f,  -0.036495391279459f,
    0.02162107452750206f,  -0.013259593397378922f,  0.008211980573832989f, -0.0027295704931020737f,
};

// The least value of GELU: the low of its codes.
#define FN_GELU_LOW -0.17004f

// exp(x) = 2^n * exp(r), n = round(x / ln 2), |r| <= ln 2 / 2; Taylor to the sixth power is off by 1.2e-7 of the value.
#define FN_EXP_LOW -87.0f
#define FN_LOG2_E 1.44269504088896341f
#define FN_LN2_HIGH 0.693145751953125f
#define FN_LN2_LOW 1.42860682030941723e-6f
// Adding it leaves the nearest integer in the low bits of the mantissa.
#define FN_ROUND_MAGIC 12582912.0f

// 2^x = 2^floor(x) * P(x - floor(x)), off by 7.5e-5 of the value at most.
#define FN_EXP2_TERM_0 0.9999251961708069f
#define FN_EXP2_TERM_1 0.6958335638046265f
#define FN_EXP2_TERM_2 0.2260671705007553f
#define FN_EXP2_TERM_3 0.07802451401948929f

#define FN_NORMALISE_EPSILON 1e-12f
