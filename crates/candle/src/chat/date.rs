//! The date for templates that write one into the prompt.

use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

const WEEKDAYS: [&str; 7] =
    ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The present date and time (UTC) after a `strftime` pattern.
pub(super) fn strftime_now(pattern: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    strftime(now.as_secs(), pattern)
}

/// The directives that templates use; one that is not known stays as it is written.
fn strftime(seconds: u64, pattern: &str) -> String {
    let days = seconds / 86_400;
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let month_name = MONTHS[month as usize - 1];
    let weekday = WEEKDAYS[(days % 7) as usize];
    let mut text = String::new();
    let mut rest = pattern.chars();
    while let Some(character) = rest.next() {
        if character != '%' {
            text.push(character);
            continue;
        }
        let (padded, directive) = match rest.next() {
            Some('-') => (false, rest.next()),
            directive => (true, directive),
        };
        let width = if padded { 2 } else { 0 };
        // Writing to a String cannot fail.
        let _ = match directive {
            Some('Y') => write!(text, "{year}"),
            Some('y') => write!(text, "{:0width$}", year % 100),
            Some('m') => write!(text, "{month:0width$}"),
            Some('B') => write!(text, "{month_name}"),
            Some('b' | 'h') => write!(text, "{}", &month_name[..3]),
            Some('d') => write!(text, "{day:0width$}"),
            Some('e') => write!(text, "{day:width$}"),
            Some('A') => write!(text, "{weekday}"),
            Some('a') => write!(text, "{}", &weekday[..3]),
            Some('H') => write!(text, "{hour:0width$}"),
            Some('I') => write!(text, "{:0width$}", (hour + 11) % 12 + 1),
            Some('p') => write!(text, "{}", if hour < 12 { "AM" } else { "PM" }),
            Some('M') => write!(text, "{minute:0width$}"),
            Some('S') => write!(text, "{second:0width$}"),
            Some('F') => write!(text, "{year}-{month:02}-{day:02}"),
            Some('T') => write!(text, "{hour:02}:{minute:02}:{second:02}"),
            Some('Z') => write!(text, "UTC"),
            Some('z') => write!(text, "+0000"),
            Some('%') | None => write!(text, "%"),
            Some(other) => write!(text, "%{}{other}", if padded { "" } else { "-" }),
        };
    }
    text
}

/// Year, month and day of the `days`-th day after 1 January 1970, in the Gregorian calendar.
fn civil(days: u64) -> (u64, u64, u64) {
    let leap =
        |year: u64| year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    // Whole cycles of 400 years first: the loop below then runs at most 400 times.
    let mut year = 1970 + days / 146_097 * 400;
    let mut rest = days % 146_097;
    while rest >= 365 + u64::from(leap(year)) {
        rest -= 365 + u64::from(leap(year));
        year += 1;
    }
    let february = 28 + u64::from(leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if rest < length {
            break;
        }
        rest -= length;
        month += 1;
    }
    (year, month, rest + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_instants() {
        let full = "%a %A %d %e %-d %b %B %m %-m %y %Y %H:%M:%S %I%p";
        assert_eq!(
            strftime(0, full),
            "Thu Thursday 01  1 1 Jan January 01 1 70 1970 00:00:00 12AM"
        );
        assert_eq!(strftime(951_827_696, "%F %T %A"), "2000-02-29 12:34:56 Tuesday");
        assert_eq!(strftime(1_721_952_000, "%d %b %Y"), "26 Jul 2024");
        assert_eq!(strftime(4_107_542_399, "%F %T"), "2100-02-28 23:59:59");
        assert_eq!(strftime(4_107_542_400, "%F"), "2100-03-01");
        assert_eq!(strftime(0, "100%% %q %-q %"), "100% %q %-q %");
    }

    #[test]
    fn consecutive_days_never_jump() {
        let mut before = civil(0);
        for day in 1..=200_000 {
            let (year, month, day) = civil(day);
            let expected = if day > 1 {
                (before.0, before.1, before.2 + 1)
            } else if month > 1 {
                (before.0, before.1 + 1, 1)
            } else {
                (before.0 + 1, 1, 1)
            };
            assert_eq!((year, month, day), expected);
            before = (year, month, day);
        }
        assert_eq!(before, (2517, 8, 1));
    }
}
