#!/bin/sh
# Installs the Debian packages listed in files, and removes the package lists.
#   install_packages.sh FILE...
set -eu
apt-get update
cat "$@" | DEBIAN_FRONTEND=noninteractive xargs apt-get install --yes --no-install-recommends
apt-get distclean
