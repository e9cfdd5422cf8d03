"""The PostgreSQL server of the tests is a real one, and each test has a database of its own."""

import pytest
import sqlalchemy as sa

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize("time", ["first", "second"])
def test_each_test_has_an_empty_database_that_keeps_ukrainian_letters(postgres_url, time):
    engine = sa.create_engine(postgres_url)
    with engine.begin() as connection:
        assert sa.inspect(connection).get_table_names() == []
        connection.execute(sa.text("CREATE TABLE place (name text)"))
        connection.execute(sa.text("INSERT INTO place VALUES ('Хутір-Михайлівський’ї')"))
        assert connection.scalar(sa.text("SELECT length(name) FROM place")) == 21
        assert int(connection.scalar(sa.text("SHOW server_version_num"))) >= 150000
    engine.dispose()
