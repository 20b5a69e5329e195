package dev.ringzero.images.disk.qcow2;

import dev.ringzero.images.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Clusters of tables, by their place in the file. Changes stay here until they are written; a table
 * with changes is never dropped, so the owner writes when there are {@link #isCrowded() many}.
 */
final class TableCache {
  private static final long CACHE_BYTES = 16 << 20;
  private static final int LEAST_TABLES = 8;

  private final DiskFile file;
  private final int tableBytes;
  private final int mostTables;
  private final Map<Long, Table> tables = new LinkedHashMap<>(16, 0.75f, true);
  private int dirty;

  private static final class Table {
    final ByteBuffer data;
    boolean dirty;

    Table(int bytes) {
      data = ByteBuffer.allocateDirect(bytes);
    }
  }

  TableCache(DiskFile file, int tableBytes) {
    this.file = file;
    this.tableBytes = tableBytes;
    this.mostTables = (int) Math.max(LEAST_TABLES, CACHE_BYTES / tableBytes);
  }

  synchronized long getLong(long tableOffset, int at) throws IOException {
    return table(tableOffset).data.getLong(at);
  }

  synchronized void putLong(long tableOffset, int at, long value) throws IOException {
    changed(table(tableOffset)).data.putLong(at, value);
  }

  synchronized int getShort(long tableOffset, int at) throws IOException {
    return table(tableOffset).data.getShort(at) & 0xFFFF;
  }

  synchronized void putShort(long tableOffset, int at, int value) throws IOException {
    changed(table(tableOffset)).data.putShort(at, (short) value);
  }

  /** Makes a table of zeros at a place where there was none. */
  synchronized void create(long tableOffset) {
    Table old = tables.put(tableOffset, new Table(tableBytes));
    if (old != null && old.dirty) {
      dirty--;
    }
    changed(tables.get(tableOffset));
    trim();
  }

  /** Makes a table with the content of another. */
  synchronized void copy(long fromOffset, long toOffset) throws IOException {
    ByteBuffer content = table(fromOffset).data.duplicate().clear();
    create(toOffset);
    tables.get(toOffset).data.duplicate().clear().put(content);
  }

  private Table changed(Table table) {
    if (!table.dirty) {
      table.dirty = true;
      dirty++;
    }
    return table;
  }

  private Table table(long offset) throws IOException {
    Table table = tables.get(offset);
    if (table == null) {
      table = new Table(tableBytes);
      file.read(offset, table.data.duplicate());
      tables.put(offset, table);
      trim();
    }
    return table;
  }

  /** Drops the tables that were used longest ago, but not the one used last. */
  private void trim() {
    Iterator<Table> oldest = tables.values().iterator();
    while (tables.size() > mostTables && oldest.hasNext()) {
      if (!oldest.next().dirty && oldest.hasNext()) {
        oldest.remove();
      }
    }
  }

  /** Whether so many tables have changes that they should be written. */
  synchronized boolean isCrowded() {
    return dirty > mostTables / 2;
  }

  synchronized boolean isDirty() {
    return dirty > 0;
  }

  /** Writes all changes to the file. */
  synchronized void write() throws IOException {
    for (Map.Entry<Long, Table> entry : tables.entrySet()) {
      Table table = entry.getValue();
      if (table.dirty) {
        file.write(entry.getKey(), table.data.duplicate().clear());
        table.dirty = false;
        dirty--;
      }
    }
  }
}
