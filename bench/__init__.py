"""Speed, as ratios in one run: each figure stands beside its own floor, measured in the same minute on the same machine."""
