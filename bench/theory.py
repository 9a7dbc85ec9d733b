"""The simulation against queueing theory, at length: each known figure beside the simulated one.

Twenty replications a row, ten times as long as in the tests (of the whole day ten times as many). The figure must lie within three
standard errors, and they are a third of the tests'.

    python -m bench.theory            some minutes
    python -m bench.theory --quick    as long as in the tests
"""

import argparse
import sys

from tests.simulation.rows import ROWS, agreements


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="replications as long as in the tests")
    options.add_argument("--seed", type=int, default=1)
    arguments = options.parse_args()
    off = 0
    print(f"{'':<40} {'simulated':>12} {'exact':>12} {'error':>9} {'off by':>8}")
    for row in ROWS:
        print(row.name)
        for found in agreements(row, seed=arguments.seed, scale=1.0 if arguments.quick else 10.0):
            off += abs(found.off) > 3
            print(
                f"  {found.path:<38} {found.mean:12.4f} {found.exact.value:12.4f} {found.error:9.4f} {found.off:+7.2f}σ",
                flush=True,
            )
    sys.exit(f"{off} figures are more than three standard errors off" if off else 0)


if __name__ == "__main__":
    main()
