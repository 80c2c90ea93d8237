package io.fermata.journal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Audit records and documents of a {@link MemoryJournal}. */
final class MemoryExtras {
  static final String CHAIN = "memory";

  private final List<Audited> links;
  private final Map<List<String>, Document> documents;

  MemoryExtras() {
    links = new ArrayList<>();
    documents = new TreeMap<>(Comparator.comparing(key -> String.join("\n", key)));
  }

  MemoryExtras(MemoryExtras before) {
    this();
    links.addAll(before.links);
    documents.putAll(before.documents);
  }

  void apply(List<Extra> extras) {
    Map<List<String>, Document> after =
        new TreeMap<>(Comparator.comparing((List<String> key) -> String.join("\n", key)));
    after.putAll(documents);
    for (Extra extra : extras) {
      switch (extra) {
        case Extra.Put(Document document, long expected) -> {
          List<String> key = List.of(document.kind(), document.id());
          Document old = after.get(key);
          long found = old == null ? 0 : old.version();
          if (found != expected) {
            throw new VersionConflict(document.id(), expected, found);
          }
          after.put(key, document);
        }
        case Extra.Delete(String kind, String id) -> after.remove(List.of(kind, id));
        case Extra.Audit audit -> {}
      }
    }
    documents.clear();
    documents.putAll(after);
    for (Extra extra : extras) {
      if (extra instanceof Extra.Audit(NewAudit record)) {
        String previous = links.isEmpty() ? Audited.genesis(CHAIN) : links.getLast().hash();
        links.add(Audited.after(previous, CHAIN, links.size() + 1L, record));
      }
    }
  }

  List<Audited> audit(AuditFilter filter, AuditPlace after, int limit) {
    Comparator<Audited> byTime = Comparator.comparingLong(link -> link.record().timeMillis());
    Comparator<Audited> order = byTime.thenComparingLong(Audited::number);
    return links.stream()
        .filter(link -> filter.matches(link.record()))
        .sorted(order.reversed())
        .filter(link -> after == null || isBehind(link, after))
        .limit(limit)
        .toList();
  }

  private static boolean isBehind(Audited link, AuditPlace place) {
    long time = link.record().timeMillis();
    return time < place.timeMillis()
        || (time == place.timeMillis() && link.number() < place.number());
  }

  List<Audited> chain(long after, int limit) {
    return links.stream().skip(after).limit(limit).toList();
  }

  List<Document> documents(String kind) {
    return documents.values().stream().filter(d -> d.kind().equals(kind)).toList();
  }
}
