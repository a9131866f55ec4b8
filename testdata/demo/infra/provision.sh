#!/usr/bin/env bash
# Sets up the keys of the partners.
set -euo pipefail

az functionapp keys set -g rg-larkfield -n func-larkfield-orders --key-type functionKeys \
  --key-name library --output none

# The distributor wanted one that is easy to read over the phone.
az functionapp keys set -g rg-larkfield -n func-larkfield-orders --key-type functionKeys \
  --key-name distributor --key-value {{custom-key:2}} --output none
