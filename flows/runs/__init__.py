"""What Prefect runs, and the only folder that imports it; opening it points Prefect at the home."""

from flows.serving.prefect_home import point_prefect_at
from flows.settings import read_settings

point_prefect_at(read_settings())
