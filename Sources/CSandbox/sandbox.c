// See CSandbox.h. The filter of system calls is in filter.c.
#define _GNU_SOURCE
#include "CSandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/landlock.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int outcome(long result) { return result < 0 ? -errno : (int)result; }

int fn_sandbox_yield_memory(void) {
  int score = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (score < 0) return -errno;
  int result = outcome(write(score, "1000", 4));
  close(score);
  return result < 0 ? result : 0;
}

int fn_sandbox_settle(void) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return -errno;
  if (prctl(PR_SET_DUMPABLE, 0) != 0) return -errno;
  return outcome(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

int fn_sandbox_drop_root(void) {
  const id_t nobody = 65534;
  if (geteuid() != 0) return 0;
  if (setgroups(0, NULL) != 0 || setresgid(nobody, nobody, nobody) != 0 || setresuid(nobody, nobody, nobody) != 0)
    return -errno;
  return 1;
}

int fn_sandbox_empty_namespaces(void) {
  const int kinds = CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
  if (unshare(kinds) == 0) return 1;
  // Without the privilege for these, a user namespace gives it, where the system lets anyone have one.
  return unshare(kinds | CLONE_NEWUSER) == 0 ? 1 : -errno;
}

// The kernel's names for what came after the headers that we build with.
// https://docs.kernel.org/userspace-api/landlock.html
struct ruleset {
  uint64_t handled_access_fs, handled_access_net, scoped;
};
enum {
  fs_of_abi_1 = (1 << 13) - 1,
  fs_refer_of_abi_2 = 1 << 13,
  fs_truncate_of_abi_3 = 1 << 14,
  net_tcp_of_abi_4 = 3,
  fs_ioctl_of_abi_5 = 1 << 15,
  scopes_of_abi_6 = 3,
};

int fn_sandbox_landlock(const char *const *paths, size_t count) {
  long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (abi < 0) return -errno;

  struct ruleset rules = {.handled_access_fs = fs_of_abi_1};
  size_t size = sizeof(rules.handled_access_fs);
  if (abi >= 2) rules.handled_access_fs |= fs_refer_of_abi_2;
  if (abi >= 3) rules.handled_access_fs |= fs_truncate_of_abi_3;
  if (abi >= 4) rules.handled_access_net = net_tcp_of_abi_4, size = offsetof(struct ruleset, scoped);
  if (abi >= 5) rules.handled_access_fs |= fs_ioctl_of_abi_5;
  if (abi >= 6) rules.scoped = scopes_of_abi_6, size = sizeof(rules);
  int ruleset = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
  if (ruleset < 0) return -errno;

  for (size_t i = 0; i < count; i++) {
    struct landlock_path_beneath_attr rule = {.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE};
    rule.parent_fd = open(paths[i], O_PATH | O_CLOEXEC);
    if (rule.parent_fd < 0) continue;
    struct stat status;
    if (fstat(rule.parent_fd, &status) == 0 && S_ISDIR(status.st_mode))
      rule.allowed_access |= LANDLOCK_ACCESS_FS_READ_DIR;
    long added = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    int cause = errno;
    close(rule.parent_fd);
    if (added != 0) {
      close(ruleset);
      return -cause;
    }
  }
  long entered = syscall(SYS_landlock_restrict_self, ruleset, 0);
  int cause = errno;
  close(ruleset);
  return entered == 0 ? (int)abi : -cause;
}

static int statm = -1;
static int memory_status;
static size_t data_pages_max;

// An allocation that fails leaves ENOMEM behind, and what cannot go on without it crashes right away. What crashes near
// the limit is taken for the same.
static int is_out_of_memory(int last_error) {
  if (last_error == ENOMEM) return 1;
  char text[128];
  ssize_t count = pread(statm, text, sizeof text - 1, 0);
  if (count <= 0) return 0;
  size_t field = 0, value = 0;
  for (ssize_t i = 0; i < count && field < 6; i++) {
    if (text[i] == ' ') {
      if (++field < 6) value = 0;
    } else if (text[i] >= '0' && text[i] <= '9') {
      value = value * 10 + (size_t)(text[i] - '0');
    }
  }
  return value >= data_pages_max / 8 * 7;
}

static void on_crash(int signal_number) {
  if (is_out_of_memory(errno)) _exit(memory_status);
  signal(signal_number, SIG_DFL);
  raise(signal_number);
}

static void on_exit_call(void) {
  if (is_out_of_memory(errno)) _exit(memory_status);
}

int fn_sandbox_watch_memory(size_t limit, int status) {
  static char stack[64 << 10];
  statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  data_pages_max = limit / (size_t)sysconf(_SC_PAGESIZE);
  memory_status = status;
  // A stack of its own: the crash may be that the other one is used up.
  stack_t other = {.ss_sp = stack, .ss_size = sizeof stack};
  if (sigaltstack(&other, NULL) != 0) return -errno;
  struct sigaction action = {.sa_handler = on_crash, .sa_flags = SA_ONSTACK | SA_NODEFER};
  const int crashes[] = {SIGSEGV, SIGBUS, SIGABRT, SIGTRAP, SIGILL, SIGFPE};
  for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
    if (sigaction(crashes[i], &action, NULL) != 0) return -errno;
  return atexit(on_exit_call) == 0 ? 0 : -ENOMEM;
}

int fn_sandbox_try_fork(void) {
  pid_t child = fork();
  if (child == 0) _exit(0);
  return outcome(child);
}

int fn_sandbox_try_ptrace(void) { return outcome(ptrace(PTRACE_TRACEME, 0, NULL, NULL)); }
