// Starting a worker, and what it gives up before it reads a file from outside: calls that are variadic, have no wrapper
// in the C library, or must be safe in a signal handler, and so cannot be made from Swift. Known by the room Ingest
// only. Each function gives 0 or a positive answer when the kernel grants it, -errno when not; none ends the process.
#ifndef CSANDBOX_H
#define CSANDBOX_H

#include <stddef.h>
#include <stdint.h>

// A process of the executable whose streams 0 and 1 are the channel and whose stream 2 goes nowhere; it inherits no
// other descriptor and no state of signals.
int fn_sandbox_spawn(const char *executable, char *const *arguments, char *const *environment, int channel,
                     int32_t *process);

// The first to go when the machine is short of memory.
int fn_sandbox_yield_memory(void);

// Dies with its parent, leaves no core file, gains no privileges by exec.
int fn_sandbox_settle(void);

// From root to nobody; 1 when that was done, 0 when there was no root to leave.
int fn_sandbox_drop_root(void);

// A network, host name and message queues of its own, all empty. Only while there is one thread.
int fn_sandbox_empty_namespaces(void);

// Reading below the paths and nothing else: no writing, no executing, no TCP, no signals to the outside. The ABI level
// that the kernel has. A path that does not exist is left out.
int fn_sandbox_landlock(const char *const *paths, size_t count);

// System calls that a parser needs and no others; the channel is the one socket that may be read and written.
int fn_sandbox_seccomp(int channel);

// From here on a death for want of memory ends with this exit status instead of a signal: the limit is that of
// RLIMIT_DATA, in bytes.
int fn_sandbox_watch_memory(size_t limit, int status);

// What a test tries, as raw calls: 0 or -errno.
int fn_sandbox_try_fork(void);
int fn_sandbox_try_ptrace(void);

#endif
