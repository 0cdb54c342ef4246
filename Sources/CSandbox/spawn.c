// Starting a worker. In C because the Swift overlay of glibc does not know posix_spawn_file_actions_addclosefrom_np,
// without which a descriptor that some library opened without O_CLOEXEC would reach the worker.
#define _GNU_SOURCE
#include "CSandbox.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>

int fn_sandbox_spawn(const char *executable, char *const *arguments, char *const *environment, int channel,
                     int32_t *process) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  int code = posix_spawn_file_actions_init(&actions);
  if (code != 0) return -code;
  code = posix_spawnattr_init(&attributes);
  if (code != 0) {
    posix_spawn_file_actions_destroy(&actions);
    return -code;
  }

  // Signals as if started afresh, and a group of its own: what a terminal sends is for the parent to answer.
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  pid_t child = 0;
  if ((code = posix_spawn_file_actions_adddup2(&actions, channel, 0)) == 0 &&
      (code = posix_spawn_file_actions_adddup2(&actions, channel, 1)) == 0 &&
      (code = posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)) == 0 &&
      (code = posix_spawn_file_actions_addclosefrom_np(&actions, 3)) == 0 &&
      (code = posix_spawnattr_setsigdefault(&attributes, &all)) == 0 &&
      (code = posix_spawnattr_setsigmask(&attributes, &none)) == 0 &&
      (code = posix_spawnattr_setflags(
           &attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP)) == 0)
    code = posix_spawn(&child, executable, &actions, &attributes, arguments, environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  *process = child;
  return -code;
}
