// The hot loops, in C: one function per instruction set, chosen once at run time, the plain one as the oracle.
#pragma once
#include "cpu.h"
#include "embed.h"
#include "graph.h"
#include "keyword.h"
