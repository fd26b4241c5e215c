#!/bin/sh
# The program of //tools:leakgate, for --run_under: starts the test binary under the gate.
exec "${RUNFILES_DIR:-$TEST_SRCDIR}/$TEST_WORKSPACE/tools/leakgate-bin" run "$@"
