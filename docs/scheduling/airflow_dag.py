"""Monthly reports by Airflow 3: put this file into the folder of your DAGs.

Change: the folder of the workspace, where hitlsim is installed, the name of the log, the time zone.
In Airflow 2 the imports are ``from airflow import DAG`` and
``from airflow.operators.bash import BashOperator``.
"""

from datetime import timedelta

import pendulum
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

with DAG(
    dag_id="hitlsim_monthly_reports",
    description="Monthly reports on what the AI may do alone",
    schedule="17 6 1-7 * *",
    start_date=pendulum.datetime(2026, 1, 1, tz="Europe/Berlin"),
    catchup=False,  # one run makes every month that has no report yet
    max_active_runs=1,
    tags=["hitlsim"],
):
    BashOperator(
        task_id="report",
        # hitlsim has an environment of its own: its libraries and Airflow's need not agree.
        # Secrets such as HITLSIM_HASH_KEY come from the environment of the worker.
        bash_command=(
            "/opt/hitlsim/.venv/bin/hitlsim report monthly"
            " --log logs/calls.csv --map logs/calls.map.yaml --all-months"
        ),
        cwd="/srv/our-team",
        retries=1,
        retry_delay=timedelta(minutes=30),
        execution_timeout=timedelta(minutes=30),
    )
