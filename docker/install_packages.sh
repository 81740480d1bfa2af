#!/bin/sh
# Installs the Debian packages that files list, and leaves no package lists behind.
#   install_packages.sh FILE...
set -eu
apt-get update
cat "$@" | DEBIAN_FRONTEND=noninteractive xargs apt-get install --yes --no-install-recommends
apt-get distclean
