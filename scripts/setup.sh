#!/usr/bin/env bash
# What a build and a first start need and the machine lacks: system packages, then the model. Quick where all is there.
here=$(dirname "${BASH_SOURCE[0]}")
"$here/install-packages.sh" && "$here/fetch-model.sh"
