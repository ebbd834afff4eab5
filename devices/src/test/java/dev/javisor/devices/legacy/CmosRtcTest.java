package dev.javisor.devices.legacy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.javisor.testkit.fake.ManualTime;
import dev.javisor.vmm.state.StateReader;
import dev.javisor.vmm.state.StateWriter;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class CmosRtcTest {
  private static final long SECOND = 1_000_000_000L;

  private final ManualTime time = new ManualTime(Instant.parse("2026-08-23T17:45:59Z")); // a Sunday
  private final CmosRtc rtc = new CmosRtc(time);

  private int in(int register) {
    return in(rtc, register);
  }

  private static int in(CmosRtc rtc, int register) {
    rtc.write(0, 1, register);
    return (int) rtc.read(1, 1);
  }

  private void out(int register, int value) {
    rtc.write(0, 1, register | 0x80); // with NMI masked, as firmware does
    rtc.write(1, 1, value);
  }

  private String shown() {
    return shown(rtc);
  }

  private static String shown(CmosRtc rtc) {
    return "%02x%02x-%02x-%02x %02x:%02x:%02x day %x"
        .formatted(
            in(rtc, 0x32),
            in(rtc, 9),
            in(rtc, 8),
            in(rtc, 7),
            in(rtc, 4),
            in(rtc, 2),
            in(rtc, 0),
            in(rtc, 6));
  }

  @Test
  void showsTheWallClockInBcdAndTwentyFourHours() {
    assertEquals("2026-08-23 17:45:59 day 1", shown());
    time.advance(SECOND);
    assertEquals("2026-08-23 17:46:00 day 1", shown());
    assertEquals(0x02, in(0x0B));
  }

  /// Over two leap years, a century that has none and one that has, against java.time.
  @Test
  void eachDayIsTheCalendars() {
    for (int year : new int[] {1970, 1999, 2000, 2026, 2028, 2100}) {
      LocalDateTime day = LocalDateTime.of(year, 1, 1, 21, 9, 3);
      for (; day.getYear() == year; day = day.plusDays(1)) {
        assertShows(day);
      }
    }
  }

  private static void assertShows(LocalDateTime day) {
    CmosRtc there = new CmosRtc(new ManualTime(day.toInstant(ZoneOffset.UTC)));
    assertEquals(
        "%04d-%02d-%02d %02d:%02d:%02d day %d"
            .formatted(
                day.getYear(),
                day.getMonthValue(),
                day.getDayOfMonth(),
                day.getHour(),
                day.getMinute(),
                day.getSecond(),
                day.getDayOfWeek().getValue() % 7 + 1),
        shown(there));
  }

  @Test
  void statusBChoosesBinaryAndTwelveHours() {
    out(0x0B, 0x04);
    assertEquals(26, in(9));
    assertEquals(0x80 | 5, in(4));
    out(0x0B, 0x00);
    assertEquals(0x85, in(4));
    assertEquals(0x26, in(9));
    time.advance(7 * 3600 * SECOND);
    assertEquals(0x12, in(4), "midnight is 12 AM");
  }

  /// Linux waits for this flag to fall before it reads (`mc146818_avoid_UIP`).
  @Test
  void updateInProgressShowsShortlyBeforeTheSecondEnds() {
    assertEquals(0x26, in(0x0A));
    time.advance(SECOND - 200_000);
    assertEquals(0xA6, in(0x0A));
    time.advance(200_000);
    assertEquals(0x26, in(0x0A));
  }

  @Test
  void theGuestSetsTheClockWhileItHoldsIt() {
    out(0x0B, 0x82);
    out(0x32, 0x19);
    out(9, 0x99);
    out(8, 0x12);
    out(7, 0x31);
    out(4, 0x23);
    out(2, 0x59);
    out(0, 0x58);
    time.advance(3 * SECOND);
    assertEquals(0x58, in(0), "held");
    out(0x0B, 0x02);
    assertEquals("1999-12-31 23:59:58 day 6", shown());
    time.advance(2 * SECOND);
    assertEquals("2000-01-01 00:00:00 day 7", shown());
  }

  @Test
  void aDateThatDoesNotExistIsDropped() {
    out(0x0B, 0x82);
    out(8, 0x02);
    out(7, 0x31);
    out(0x0B, 0x02);
    assertEquals("2026-08-23 17:45:59 day 1", shown());
    out(4, 0xFF);
    assertEquals("2026-08-23 17:45:59 day 1", shown());
  }

  @Test
  void updateEndedFlagIsTakenByReading() {
    assertEquals(0, in(0x0C));
    time.advance(SECOND);
    assertEquals(0x10, in(0x0C));
    assertEquals(0, in(0x0C));
    assertEquals(0x80, in(0x0D));
  }

  @Test
  void theRestIsMemory() {
    out(0x0F, 0x5A);
    out(0x7F, 0xA5);
    assertEquals(0x5A, in(0x0F));
    assertEquals(0xA5, in(0x7F));
  }

  @Test
  void aFreshClockGoesOnFromTheSavedState() {
    out(9, 0x30);
    out(0x40, 0x77);
    StateWriter saved = new StateWriter();
    rtc.save(saved);
    CmosRtc after = new CmosRtc(time);
    after.load(new StateReader(saved.toByteArray()));
    time.advance(SECOND);
    assertEquals(0x77, (int) after.read(1, 1));
    after.write(0, 1, 9);
    assertEquals(0x30, after.read(1, 1));
    after.write(0, 1, 0);
    assertEquals(0x00, after.read(1, 1));
  }

  @Test
  void everyByteOfEveryRegisterIsHarmless() {
    for (int register = 0; register < 256; register++) {
      for (int value = 0; value < 256; value += 5) {
        out(0x0B, value);
        out(register, value);
        in(register);
        in(4);
      }
    }
    rtc.write(1, 4, -1);
    assertEquals(0xFFFF_FFFFL, rtc.read(0, 4));
  }
}
