"""What Prefect runs, and the only folder that imports it; opening it points Prefect at the home."""

import gc

from flows.serving.prefect_home import point_prefect_at
from flows.settings import read_settings

point_prefect_at(read_settings())
# the libraries of a run make a million objects that stay: to look through them again and again
# for garbage takes a fifth of the time in which they are imported
gc.set_threshold(100_000, 20, 20)
