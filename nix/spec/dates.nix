/**
  Dates: what flakes say of their last change, as annotations have it.
*/
let
  inherit (import ../check) check rules;

  inherit (builtins)
    concatStringsSep
    isInt
    isString
    match
    stringLength
    ;

  text = rules.text "date";

  # The last second of the year 9999.
  last = 253402300799;

  rest = number: divisor: number - divisor * (number / divisor);
  pad =
    width: number:
    let
      digits = toString number;
    in
    concatStringsSep "" (builtins.genList (_: "0") (width - stringLength digits)) + digits;

  # A day since 1970 in the calendar. Years are counted from March, so that a leap day is the last of its year.
  dayOf =
    days:
    let
      # Since the first of March of the year 0; 400 years have 146097 days.
      all = days + 719468;
      cycle = all / 146097;
      inCycle = rest all 146097;
      yearInCycle = (inCycle - inCycle / 1460 + inCycle / 36524 - inCycle / 146096) / 365;
      inYear = inCycle - (365 * yearInCycle + yearInCycle / 4 - yearInCycle / 100);
      # Five months from March, and from August, have 153 days.
      monthFromMarch = (5 * inYear + 2) / 153;
      day = inYear - (153 * monthFromMarch + 2) / 5 + 1;
      month = if monthFromMarch < 10 then monthFromMarch + 3 else monthFromMarch - 9;
      year = 400 * cycle + yearInCycle + (if month <= 2 then 1 else 0);
    in
    "${pad 4 year}-${pad 2 month}-${pad 2 day}";

  ofSeconds =
    seconds:
    let
      inDay = rest seconds 86400;
    in
    "${dayOf (seconds / 86400)}T${pad 2 (inDay / 3600)}:${pad 2 (rest (inDay / 60) 60)}:${pad 2 (rest inDay 60)}Z";
in
{
  /**
    A checker for the date of an image: RFC 3339, or a flake's `lastModifiedDate` (`"20260131120000"`) or `lastModified`
    (seconds since 1970).
  */
  created =
    path: value:
    let
      digits =
        if isString value && stringLength value == 14 then
          match "([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})" value
        else
          null;
      at = builtins.elemAt digits;
      written = "${at 0}-${at 1}-${at 2}T${at 3}:${at 4}:${at 5}Z";
    in
    if isInt value && value >= 0 && value <= last then
      check.ok (ofSeconds value)
    else if digits != null && (text path written).problems == [ ] then
      check.ok written
    else
      text path value;
}
