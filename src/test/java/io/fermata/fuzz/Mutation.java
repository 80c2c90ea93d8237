package io.fermata.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The ways to spoil bytes, drawn from a generator of the caller's. */
public final class Mutation {
  private static final int LONGEST = 1 << 17;
  private static final Pattern NUMBER = Pattern.compile("-?\\d+");
  private static final List<String> BOUNDARIES =
      List.of(
          "0",
          "-1",
          "1",
          "255",
          "65536",
          "2147483647",
          "2147483648",
          "-2147483649",
          "9223372036854775807",
          "9223372036854775808",
          "1e309",
          "0.5",
          "\"7\"",
          "null",
          "[]",
          "9".repeat(300));
  private static final List<String> ODD =
      List.of(
          "\u0000", "\ud83d\ude00", "\\u0000", "\\ud800", "\u202e", "[", "{", "\"", ",", "[[[[");

  private final SplittableRandom random;
  private final List<byte[]> corpus;

  public Mutation(SplittableRandom random, List<byte[]> corpus) {
    this.random = random;
    this.corpus = List.copyOf(corpus);
  }

  /** Something of the corpus, spoilt up to four times; sometimes not at all. */
  public byte[] next() {
    byte[] bytes = any().clone();
    for (int times = random.nextInt(5); times > 0; times--) {
      bytes = spoil(bytes);
    }
    return bytes.length > LONGEST ? Arrays.copyOf(bytes, LONGEST) : bytes;
  }

  private byte[] spoil(byte[] bytes) {
    if (bytes.length == 0) {
      return any().clone();
    }
    return switch (random.nextInt(9)) {
      case 0 -> Arrays.copyOf(bytes, random.nextInt(bytes.length)); // cut short
      case 1 -> torn(bytes);
      case 2 -> flipped(bytes);
      case 3 -> replaced(bytes, random.nextInt(256));
      case 4 -> join(bytes, piece(bytes), random.nextInt(bytes.length + 1)); // doubled
      case 5 -> join(bytes, piece(any()), random.nextInt(bytes.length + 1)); // spliced
      case 6 -> number(bytes);
      case 7 -> without(bytes);
      default -> join(bytes, odd(), random.nextInt(bytes.length + 1));
    };
  }

  private byte[] any() {
    return corpus.get(random.nextInt(corpus.size()));
  }

  /** As a crash leaves it: the end never reached the disk. */
  private byte[] torn(byte[] bytes) {
    byte[] torn = bytes.clone();
    Arrays.fill(torn, random.nextInt(bytes.length), bytes.length, (byte) 0);
    return torn;
  }

  private byte[] flipped(byte[] bytes) {
    byte[] flipped = bytes.clone();
    flipped[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    return flipped;
  }

  private byte[] replaced(byte[] bytes, int with) {
    byte[] replaced = bytes.clone();
    replaced[random.nextInt(bytes.length)] = (byte) with;
    return replaced;
  }

  private byte[] piece(byte[] from) {
    if (from.length == 0) {
      return from;
    }
    int start = random.nextInt(from.length);
    return Arrays.copyOfRange(from, start, start + random.nextInt(from.length - start + 1));
  }

  private byte[] without(byte[] bytes) {
    int start = random.nextInt(bytes.length);
    int end = start + random.nextInt(bytes.length - start + 1);
    byte[] rest = Arrays.copyOf(bytes, bytes.length - (end - start));
    System.arraycopy(bytes, end, rest, start, bytes.length - end);
    return rest;
  }

  private byte[] odd() {
    return ODD.get(random.nextInt(ODD.size())).getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }

  /** One number in the text becomes one that lies at some type's edge. */
  private byte[] number(byte[] bytes) {
    String text = new String(bytes, ISO_8859_1);
    List<MatchResult> numbers = NUMBER.matcher(text).results().toList();
    if (numbers.isEmpty()) {
      return flipped(bytes);
    }
    MatchResult one = numbers.get(random.nextInt(numbers.size()));
    String edge = BOUNDARIES.get(random.nextInt(BOUNDARIES.size()));
    String spoilt = text.substring(0, one.start()) + edge + text.substring(one.end());
    return spoilt.getBytes(ISO_8859_1);
  }

  private static byte[] join(byte[] bytes, byte[] piece, int at) {
    byte[] joined = new byte[bytes.length + piece.length];
    System.arraycopy(bytes, 0, joined, 0, at);
    System.arraycopy(piece, 0, joined, at, piece.length);
    System.arraycopy(bytes, at, joined, at + piece.length, bytes.length - at);
    return joined;
  }
}
