"""Speed, as ratios in one run: each figure stands beside its floor, measured in the same minute."""
