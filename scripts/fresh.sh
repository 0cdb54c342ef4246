#!/usr/bin/env bash
# Proves the set-up: makes a bare Debian 12 with debootstrap, gives it this machine's Swift toolchain, git and make, and
# does there what a newcomer does. The clone is of HEAD, in a folder with a space in its name, and root has no HOME.
#
# It works in a temporary folder outside the tree and in a mount and process namespace of its own: whatever way it ends,
# mounts and processes go with the namespace, and only then is the folder removed, by the part that never saw a mount.
# apt's and pip's set-up is copied from this machine, file by file and unread, so that packages come from where they
# come from here. Logs stay in .build/fresh.
#
#   FRESH_DIR=…      where the root is made (default: TMPDIR, else /var/tmp)
#   FRESH_KEEP=1     leave it there afterwards
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
unset FOOTNOTE_MODEL

readonly suite=bookworm user=newcomer place='/srv/foot note'
# What Swift's own install page asks of Debian 12, less what only its debugger and the headers of our libraries need.
readonly toolchain_needs=(
  binutils libc6-dev libgcc-12-dev libstdc++-12-dev libcurl4 libedit2 libncurses6 libsqlite3-0 libxml2 tzdata
)
readonly logs=$root/.build/fresh

# --- The part outside: checks, the namespace, the cleaning up -----------------------------------------------------------

outside() {
  [[ $(id -u) -eq 0 ]] || fail "make fresh needs root: it makes a Debian root with debootstrap and enters it by chroot."
  local tool
  for tool in debootstrap unshare chroot git; do
    command -v "$tool" >/dev/null || fail "make fresh needs '$tool': apt-get install debootstrap util-linux coreutils git."
  done

  work=$(mktemp -d "${FRESH_DIR:-${TMPDIR:-/var/tmp}}/footnote-fresh.XXXXXX")
  [[ $(df --output=avail --block-size=G "$work" | tail -n 1 | tr -dc 0-9) -ge 8 ]] ||
    { rmdir "$work" && fail "make fresh needs 8 GB of room: set FRESH_DIR to a folder on a larger disk."; }
  case $work/ in "$root"/*) rmdir "$work" && fail "'$work' lies inside the tree: set FRESH_DIR to a folder outside." ;; esac
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM

  mkdir -p "$logs"
  rm -f "$logs"/*.log
  git -c safe.directory='*' -C "$root" bundle create --quiet "$work/footnote.bundle" HEAD
  [[ -z $(git -c safe.directory='*' -C "$root" status --porcelain) ]] ||
    say "note: the tree has uncommitted changes; what is tried is HEAD"

  unshare --mount --pid --fork --kill-child -- "${BASH_SOURCE[0]}" inside "$work" &
  wait $! && status=0 || status=$?
  exit "$status"
}

clean_up() {
  local child
  for child in $(jobs -p); do kill -TERM "$child" 2>/dev/null || true; done
  wait
  if [[ -n ${FRESH_KEEP:-} ]]; then say "kept: $work"; else rm -rf --one-file-system -- "$work"; fi
}

# --- The part inside: makes the root, tries, sums up --------------------------------------------------------------------

summary=()
failures=0

# step NAME COMMAND…: runs it with its output in a log, and notes how it went. Call it bare, never behind `if`, `&&` or
# `||`: bash would then run the command without errexit, and every failing check in it would pass.
step() {
  local name=$1 log started=$SECONDS outcome=ok note='' status
  shift
  log=$logs/${name//[^a-zA-Z0-9]/-}.log
  printf '%s … ' "$name" >&2
  set +e
  (
    set -e
    "$@"
  ) >"$log" 2>&1 </dev/null
  status=$?
  set -e
  if [[ $status -ne 0 ]]; then
    outcome=FAILED
    failures=$((failures + 1))
  fi
  if [[ -r $work/note ]]; then
    note=" ($(<"$work/note"))"
    rm -f "$work/note"
  fi
  printf '%s, %d s%s\n' "$outcome" $((SECONDS - started)) "$note" >&2
  summary+=("$(printf '%-6s  %s%s' "$outcome" "$name" "$note")")
  if [[ $status -ne 0 ]]; then tail -n 25 "$log" | sed 's/^/    | /' >&2; fi
}

sum_up() {
  printf '\nmake fresh, %s, Swift at %s\n' "$suite" "$toolchain"
  printf '  %s\n' "${summary[@]}"
  if [[ $failures -eq 0 ]]; then
    printf 'all %d hold\n' ${#summary[@]}
  else
    printf '%d of %d failed; logs: %s\n' "$failures" ${#summary[@]} "$logs"
    exit 1
  fi
}

inside() {
  work=$1
  find_toolchain
  # Without these two there is nothing to try.
  step "debootstrap makes a bare Debian 12" make_base
  [[ $failures -eq 0 ]] || sum_up
  step "the machine gets git, make and the toolchain" prepare_base
  [[ $failures -eq 0 ]] || sum_up

  make_root bare
  step "a plain user without sudo is told what is missing" refuses_plainly bare
  step "a plain user with sudo: packages and model" sets_up_with_sudo bare

  make_root machine
  step "root: make test" tests_pass machine
  step "root: make lint" as_root machine make lint
  step "root: make run, first start" first_start machine
  step "root: make run, second start under two seconds" second_start machine
  step "root: make build has nothing left to do" builds_nothing machine
  step "a plain user on a machine set up by root" sets_up_without_root machine
  sum_up
}

find_toolchain() {
  # The compiler says where its libraries are, whatever proxy `swift` on the PATH is: <toolchain>/usr/lib/swift.
  toolchain=$(swift -print-target-info | sed -n 's|.*"runtimeResourcePath": "\(.*\)/usr/lib/swift".*|\1|p')
  [[ $toolchain == /?* && -x $toolchain/usr/bin/swift ]] ||
    fail "the Swift toolchain is not in a folder of its own, so it cannot be lent to the fresh root."
}

make_base() {
  local mirror='' proxy
  if command -v apt-get >/dev/null; then
    mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' |
      awk -v suite="$suite" '$2 == suite { print $1; exit }')
    proxy=$(apt-config dump --format '%v' Acquire::http::Proxy)
    [[ -z $proxy ]] || export http_proxy=$proxy
  fi
  debootstrap --variant=minbase "$suite" "$work/base" ${mirror:+"$mirror"}
}

prepare_base() {
  local base=$work/base path
  # apt, where this machine is the same Debian; otherwise what debootstrap wrote stands.
  if [[ $(. /etc/os-release && echo "${VERSION_CODENAME:-}") == "$suite" ]]; then
    for path in /etc/apt /usr/share/keyrings; do cp -a "$path/." "$base$path/"; done
    # debootstrap's own list would name the same sources a second time.
    [[ -e /etc/apt/sources.list ]] || rm -f "$base/etc/apt/sources.list"
  fi
  cp -L /etc/resolv.conf /etc/hosts "$base/etc/"

  # Trust: every certificate this machine trusts, as local ones, so that installing ca-certificates keeps them.
  local trusted=/etc/ssl/certs/ca-certificates.crt
  if [[ -r $trusted ]]; then
    mkdir -p "$base/usr/local/share/ca-certificates"
    awk -v out="$base/usr/local/share/ca-certificates/host-" '
      /BEGIN CERTIFICATE/ { n++ }
      n { print > (out n ".crt") }
      /END CERTIFICATE/ { close(out n ".crt") }' "$trusted"
  fi

  # pip: the machine's settings, and this user's for whoever works in there.
  enter base useradd --create-home "$user"
  for path in /etc/pip.conf /etc/xdg/pip; do
    [[ ! -e $path ]] || { mkdir -p "$base$(dirname "$path")" && cp -aL "$path" "$base$path"; }
  done
  for home in root "home/$user"; do
    for path in .config/pip .pip; do
      [[ ! -e $HOME/$path ]] || { mkdir -p "$base/$home/$path" && cp -aL "$HOME/$path/." "$base/$home/$path/"; }
    done
  done
  enter base chown -R "$user:" "/home/$user"

  enter base apt-get --quiet update
  enter base env DEBIAN_FRONTEND=noninteractive apt-get --yes --quiet --no-install-recommends install \
    git make "${toolchain_needs[@]}"
  # The newcomer's lists may be empty, too.
  find "$base/var/lib/apt/lists" -type f -delete
  mkdir -p "$base$toolchain" "$base/srv"
  cp "$work/footnote.bundle" "$base/srv/"
}

# A copy of the base to try one thing in. Whatever is mounted in the base must not be copied along: /proc alone holds
# files as large as the address space.
make_root() {
  local mounted
  for mounted in proc dev "${toolchain#/}"; do
    ! mountpoint --quiet "$work/base/$mounted" || umount --recursive --lazy "$work/base/$mounted"
  done
  grep -qF " $work/base/" /proc/self/mounts && fail "something is still mounted in '$work/base'; not copied."
  cp -a --one-file-system --reflink=auto "$work/base" "$work/$1"
}

# enter ROOT COMMAND…: runs it there as root, with nothing of this environment but pip's and apt's own variables.
enter() { enter_as root "$@"; }

enter_as() {
  local who=$1 where=$work/$2 passed=() variable
  shift 2
  if ! mountpoint --quiet "$where/proc"; then
    mount -t proc proc "$where/proc"
    mount --rbind /dev "$where/dev"
    if [[ -d $where$toolchain ]]; then mount --bind -o ro "$toolchain" "$where$toolchain"; fi
  fi
  for variable in $(compgen -e | grep -iE '^(PIP_[A-Z_]*|https?_proxy|no_proxy|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE)$'); do
    passed+=("$variable=${!variable}")
  done
  chroot --userspec="$who:$who" --groups= "$where" \
    /usr/bin/env -i ${passed[@]+"${passed[@]}"} "PATH=$toolchain/usr/bin:/usr/sbin:/usr/bin:/sbin:/bin" \
    bash -c 'cd "$1" && shift && exec "$@"' bash "${directory:-/}" "$@"
}

# as_root ROOT COMMAND…, as_user ROOT COMMAND…: in a clone of the one's own, made when it is first needed.
as_root() { in_clone root "$place" "$@"; }
as_user() { in_clone "$user" "/home/$user/footnote" "$@"; }

in_clone() {
  local who=$1 clone=$2 where=$3
  shift 3
  [[ -d $work/$where$clone ]] ||
    directory=/ enter_as "$who" "$where" git clone --quiet /srv/footnote.bundle "$clone"
  directory=$clone enter_as "$who" "$where" "$@"
}

refuses_plainly() {
  local said status=0
  said=$(as_user "$1" make test 2>&1) || status=$?
  printf '%s\n' "$said"
  [[ $status -ne 0 ]]
  grep -q '^footnote: these system packages are missing: .*libpoppler-glib-dev' <<<"$said"
  grep -q 'not root and there is no sudo' <<<"$said"
  [[ ! -e $work/$1/home/$user/.cache/footnote ]]
}

sets_up_with_sudo() {
  enter "$1" apt-get --quiet update
  enter "$1" env DEBIAN_FRONTEND=noninteractive apt-get --yes --quiet --no-install-recommends install sudo
  find "$work/$1/var/lib/apt/lists" -type f -delete
  printf '%s ALL=(ALL) NOPASSWD: ALL\n' "$user" >"$work/$1/etc/sudoers.d/$user"
  chmod 440 "$work/$1/etc/sudoers.d/$user"
  as_user "$1" scripts/setup.sh
  [[ -s $work/$1/home/$user/.cache/footnote/models/all-MiniLM-L6-v2/.checked ]]
}

tests_pass() {
  local output=$work/test-output
  as_root "$1" make test 2>&1 | tee "$output"
  [[ ${PIPESTATUS[0]} -eq 0 ]]
  tail -n 1 "$output" | grep -q 'Test run with .* passed'
  tail -n 1 "$output" | sed 's/^[^T]*//' >"$work/note"
}

first_start() { starts_within "$1" 1800000; }

second_start() { starts_within "$1" 2000; }

# starts_within ROOT MS: from `make run` to the first 200 of /health.
starts_within() {
  local port=$((20000 + RANDOM % 20000)) started now elapsed_ms=0 ready=
  started=${EPOCHREALTIME/./}
  as_root "$1" make run "PORT=$port" &
  local server=$!
  while kill -0 "$server" 2>/dev/null; do
    if healthy "$port"; then ready=yes; fi
    now=${EPOCHREALTIME/./}
    elapsed_ms=$(((now - started) / 1000))
    [[ -z $ready && $elapsed_ms -lt 1800000 ]] || break
    sleep 0.02
  done
  # make passes nothing on: the server is asked to end by its own name, in this namespace of ours only.
  local process
  for process in /proc/[0-9]*; do
    [[ $(readlink "$process/exe") != */release/footnote ]] || kill -TERM "${process#/proc/}" || true
  done
  wait "$server" || true
  [[ -n $ready ]]
  printf 'ready after %d ms' "$elapsed_ms" >"$work/note"
  [[ $elapsed_ms -lt $2 ]]
}

healthy() {
  local line
  exec 8<>"/dev/tcp/127.0.0.1/$1" || return 1
  printf 'GET /health HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nConnection: close\r\n\r\n' "$1" >&8
  IFS= read -r -t 5 line <&8 || line=
  exec 8<&-
  [[ $line == HTTP/1.1\ 200* ]]
} 2>/dev/null

builds_nothing() {
  local said
  said=$(as_root "$1" make build 2>&1)
  printf '%s\n' "$said"
  [[ -z $said ]]
}

sets_up_without_root() {
  as_user "$1" scripts/setup.sh
  as_user "$1" scripts/setup.sh
}

if [[ ${1:-} == inside ]]; then
  # /proc of this process namespace, so that only processes of our own are seen here.
  mount -t proc proc /proc
  inside "$2"
else
  outside
fi
