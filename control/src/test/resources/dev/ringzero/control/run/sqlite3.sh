set -e
cd /tmp
result=$(sqlite3 test.db <<'END'
PRAGMA journal_mode = WAL;
CREATE TABLE number (value INTEGER PRIMARY KEY, square INTEGER, text TEXT);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
  INSERT INTO number SELECT i, i * i, printf('%05d', i) FROM n;
CREATE INDEX by_square ON number (square);
SELECT sum(value), max(square), count(DISTINCT substr(text, 5)) FROM number;
SELECT value FROM number WHERE square = 12345 * 12345;
BEGIN; DELETE FROM number WHERE value % 3 = 0; ROLLBACK;
DELETE FROM number WHERE value % 2 = 0;
SELECT count(*), round(avg(square), 3) FROM number;
CREATE VIRTUAL TABLE words USING fts5(word);
INSERT INTO words VALUES ('one ring'), ('zero ring'), ('nothing');
SELECT group_concat(rowid) FROM words WHERE words MATCH 'ring';
SELECT json_extract('{"a":[1,2,{"b":3.5}]}', '$.a[2].b');
VACUUM;
PRAGMA integrity_check;
END
)
[ "$result" = "wal
200010000|400000000|10
12345
10000|133333333.0
1,2
3.5
ok" ] || { echo "$result"; exit 1; }
echo ok
