work() {
  rm -f bench.db
  sqlite3 bench.db <$SOURCES/sqlite.sql
}
