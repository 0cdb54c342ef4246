// The system calls of a worker, as a seccomp filter: what is not named is refused with EPERM, so a library that tries
// takes its own way out and only the attempt is lost.
// https://www.kernel.org/doc/html/latest/userspace-api/seccomp_filter.html
#define _GNU_SOURCE
#include "CSandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define NATIVE_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#ifndef NATIVE_ARCHITECTURE

int fn_sandbox_seccomp(int channel) {
  (void)channel;
  return -ENOSYS;
}

#else

// Always allowed: memory, time, threads' waiting, reading what is open, asking about oneself.
static const int allowed[] = {
    SYS_read,           SYS_write,         SYS_readv,          SYS_writev,         SYS_pread64,
    SYS_close,          SYS_lseek,         SYS_fstat,          SYS_newfstatat,     SYS_statx,
    SYS_munmap,         SYS_brk,           SYS_mremap,         SYS_madvise,        SYS_mincore,
    SYS_futex,          SYS_rt_sigaction,  SYS_rt_sigprocmask, SYS_rt_sigreturn,   SYS_sigaltstack,
    SYS_sched_yield,    SYS_nanosleep,     SYS_clock_nanosleep, SYS_clock_gettime, SYS_clock_getres,
    SYS_gettimeofday,   SYS_getpid,        SYS_gettid,         SYS_getppid,        SYS_getuid,
    SYS_geteuid,        SYS_getgid,        SYS_getegid,        SYS_getrandom,      SYS_getrusage,
    SYS_getrlimit,      SYS_setrlimit,     SYS_uname,          SYS_sysinfo,        SYS_getcwd,
    SYS_getdents64,     SYS_readlinkat,    SYS_faccessat,      SYS_faccessat2,     SYS_statfs,
    SYS_fstatfs,        SYS_fcntl,         SYS_dup,            SYS_ppoll,          SYS_eventfd2,
    SYS_pipe2,          SYS_set_robust_list, SYS_set_tid_address, SYS_rseq,        SYS_membarrier,
    SYS_sched_getaffinity, SYS_getcpu,     SYS_restart_syscall, SYS_exit,          SYS_exit_group,
    SYS_fadvise64,
#ifdef SYS_poll
    SYS_poll,
#endif
#ifdef SYS_stat
    SYS_stat,
#endif
#ifdef SYS_lstat
    SYS_lstat,
#endif
#ifdef SYS_access
    SYS_access,
#endif
#ifdef SYS_readlink
    SYS_readlink,
#endif
#ifdef SYS_time
    SYS_time,
#endif
#ifdef SYS_getdents
    SYS_getdents,
#endif
#ifdef SYS_arch_prctl
    SYS_arch_prctl,
#endif
};

enum { length_max = 256, mask_writing = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | __O_TMPFILE };

struct program {
  struct sock_filter code[length_max];
  unsigned short length;
};

static void emit(struct program *program, unsigned short code, unsigned k, unsigned char when, unsigned char unless) {
  // A program that does not fit is refused by the kernel below, for its last instruction does not return.
  if (program->length == length_max) return;
  program->code[program->length++] = (struct sock_filter){code, when, unless, k};
}

static void load(struct program *program, unsigned offset) { emit(program, BPF_LD | BPF_W | BPF_ABS, offset, 0, 0); }
static void give(struct program *program, unsigned verdict) { emit(program, BPF_RET | BPF_K, verdict, 0, 0); }
static unsigned refusal(int code) { return SECCOMP_RET_ERRNO | (unsigned)code; }

// The low half of an argument: flags and descriptors are 32 bits wide.
static unsigned argument(int index) {
  return (unsigned)(offsetof(struct seccomp_data, args) + (size_t)index * sizeof(uint64_t));
}

// `call` is allowed when the bits of its argument under the mask are as wanted.
static void allow_if(struct program *program, int call, int index, unsigned mask, unsigned wanted, int code) {
  emit(program, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 5);
  load(program, argument(index));
  emit(program, BPF_ALU | BPF_AND | BPF_K, mask, 0, 0);
  emit(program, BPF_JMP | BPF_JEQ | BPF_K, wanted, 0, 1);
  give(program, SECCOMP_RET_ALLOW);
  give(program, refusal(code));
}

// `call` is refused when any bit under the mask is set in its argument; otherwise the next block decides.
static void refuse_any(struct program *program, int call, int index, unsigned mask) {
  emit(program, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 4);
  load(program, argument(index));
  emit(program, BPF_JMP | BPF_JSET | BPF_K, mask, 0, 1);
  give(program, refusal(EPERM));
  load(program, offsetof(struct seccomp_data, nr));
}

static void answer(struct program *program, int call, unsigned verdict) {
  emit(program, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 1);
  give(program, verdict);
}

int fn_sandbox_seccomp(int channel) {
  struct program program = {.length = 0};
  load(&program, offsetof(struct seccomp_data, arch));
  emit(&program, BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCHITECTURE, 1, 0);
  give(&program, SECCOMP_RET_KILL_PROCESS);
  load(&program, offsetof(struct seccomp_data, nr));

  for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) answer(&program, allowed[i], SECCOMP_RET_ALLOW);

  // The channel alone, and nowhere else: a connected stream takes no address.
  allow_if(&program, SYS_recvfrom, 0, ~0u, (unsigned)channel, EPERM);
  allow_if(&program, SYS_sendto, 0, ~0u, (unsigned)channel, EPERM);

  // Files are opened for reading only.
#ifdef SYS_open
  allow_if(&program, SYS_open, 1, mask_writing & ~O_DIRECTORY, O_RDONLY, EACCES);
#endif
  allow_if(&program, SYS_openat, 2, mask_writing & ~O_DIRECTORY, O_RDONLY, EACCES);

  // No code but that of libraries: nothing anonymous, and nothing that was written here, is ever executed.
  refuse_any(&program, SYS_mprotect, 2, PROT_EXEC);
  answer(&program, SYS_mprotect, SECCOMP_RET_ALLOW);
  // Shared memory of no file would escape the limit of memory.
  emit(&program, BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 0, 7);
  load(&program, argument(3));
  emit(&program, BPF_JMP | BPF_JSET | BPF_K, MAP_ANONYMOUS, 0, 3);
  emit(&program, BPF_JMP | BPF_JSET | BPF_K, MAP_SHARED, 3, 0);
  load(&program, argument(2));
  emit(&program, BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 1, 0);
  give(&program, SECCOMP_RET_ALLOW);
  give(&program, refusal(EPERM));

  // Threads, never processes. clone3 hides its flags behind a pointer; the C library then takes clone.
  allow_if(&program, SYS_clone, 0, CLONE_THREAD, CLONE_THREAD, EPERM);
  answer(&program, SYS_clone3, refusal(ENOSYS));

  // abort() signals its own process.
  allow_if(&program, SYS_tgkill, 0, ~0u, (unsigned)getpid(), EPERM);
  // Its own limits; those of others are none of its business. 0 stands for itself.
  allow_if(&program, SYS_prlimit64, 0, ~0u, 0, EPERM);
  // Names for threads.
  allow_if(&program, SYS_prctl, 0, ~0u, PR_SET_NAME, EPERM);
  // isatty and the like ask by ioctl and take this for no.
  answer(&program, SYS_ioctl, refusal(ENOTTY));
  give(&program, refusal(EPERM));

  struct sock_fprog filter = {program.length, program.code};
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) == 0 ? 0 : -errno;
}

#endif
