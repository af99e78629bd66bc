"""Why a row is refused, in one sentence that says what to write instead; the catalogue has both."""

N_ = str
"""Marks a sentence for the message catalogue, as `flows.language.N_` does."""

RULES = {
    # the row could not be read as a row
    "ragged_line": N_("The line has not as many columns as the header: check the separators."),
    "unclosed_quote": N_("A quotation mark is opened and never closed: close it or remove it."),
    "unreadable_characters": N_("The line has unreadable characters: save the file as UTF-8."),
    "broken_json": N_("The line is not a complete JSON object: export it again."),
    "unexpected_record": N_("The record lacks what its system should say: look at it there."),
    "failed_formula": N_("The formula of this cell fails: correct it in the tool."),
    "hidden_cell": N_(
        "An access rule of the tool hides this cell from our account: have it shown to it."
    ),
    "unreadable_cell": N_(
        "The cell holds something else than its column: correct it in the tool, or give the "
        "column its type there."
    ),
    "total_row": N_("This is a totals row, not a record: it is left out."),
    "repeated_header": N_("The header is repeated inside the file: this line is left out."),
    "filler_row": N_("Nothing stands in the line beside its number: it is left out."),
    # the event of a calendar could not be read
    "unreadable_event": N_(
        "The event cannot be read: open it in the calendar, correct its dates, and save it."
    ),
    "unknown_time_zone": N_(
        "The event has a time zone that nobody knows: choose Paris in the calendar, and save it."
    ),
    "repeats_too_often": N_(
        "The event repeats many times a day: write each slot, or how often it comes in a week."
    ),
    "two_words": N_(
        "The event has words of two codes of the table: make two events of it, or rename it."
    ),
    # a cell could not be read
    "unreadable_timestamp": N_("The date and time cannot be read: write 03/02/2025 14:05."),
    "nonexistent_local_time": N_(
        "This time does not exist: clocks jump from 2 to 3 when summer time begins."
    ),
    "repeated_hour": N_(
        "This time comes twice in the night in which winter time begins: the departure is left out."
    ),
    "unreadable_date": N_("The date cannot be read or does not exist: write 03/02/2025."),
    "not_in_year": N_(
        "The year that the TOML says has no such day: no such date, week, or another weekday."
    ),
    "without_year": N_(
        "This day does not say its year: write it in the cell, or, for a file, `year` in the TOML."
    ),
    "range_without_end": N_("The range cannot be read: write both ends, such as 9h00 - 12h30."),
    "unreadable_integer": N_("The whole number cannot be read: write 12."),
    "unreadable_decimal": N_("The number cannot be read: write 12,5."),
    "unreadable_minutes": N_("The duration cannot be read: write 90 (minutes) or 1h30."),
    "unreadable_week_hours": N_("The weekly hours cannot be read: write 35 or 17,5."),
    "unreadable_euros": N_("The amount cannot be read: write 1234,50."),
    "unreadable_identifier": N_(
        "A spreadsheet has cut this number: export it anew, and give its column the format Text."
    ),
    "unreadable_boolean": N_("Write oui or non."),
    "unreadable_commune": N_(
        "No commune has this code: write the five-character INSEE code, not the postal code."
    ),
    "unreadable_siret": N_("This is not a SIRET: fourteen digits without a typing error."),
    "number_of_several": N_(
        "Rows that differ have this number, and nothing says which is the later one: number each "
        "record, or map updated_at in the TOML."
    ),
    # the record breaks its contract
    "not_nullable": N_("This information is required: fill the cell."),
    "isin": N_("This word is not in the list of values: choose one, or add it to the TOML."),
    "str_matches": N_("This has not the expected form: an identifier has a digit and no space."),
    "str_length": N_("This text is too long."),
    "in_range": N_("This number is out of bounds."),
    "greater_than_or_equal_to": N_("This number cannot be negative."),
    "no_direct_identifier": N_(
        "A telephone, e-mail or social-security number is used as an identifier: change it."
    ),
    "pseudonym_has_kind": N_("A pseudonym and its origin go together."),
    "leaves_after_arriving": N_(
        "The departure is before the arrival: correct one of the two times."
    ),
    "stays_at_most_a_day": N_(
        "The stay is longer than 24 hours: correct the departure or leave it empty."
    ),
    "one_person_is_one": N_("An identified person counts for one: remove the identity or write 1."),
    "not_in_future": N_("The date is in the future: correct it, or wait until it has happened."),
    "ends_after_starting": N_("The contract ends before it starts: correct one of the two dates."),
    "staff_has_hours": N_("A job of the team needs its weekly hours."),
    "quantity_has_unit": N_("A quantity needs a unit."),
    "enrolment_in_order": N_("The enrolment ends before it starts."),
    "sensitive_service_is_anonymous": N_("This service keeps no identity."),
}

NOT_RECORDS = ["total_row", "repeated_header", "filler_row"]
"""What is refused for one of these is no record: nothing is lost with it."""

DOUBTED = {
    "leaves_after_arriving": "checked_out_at",
    "stays_at_most_a_day": "checked_out_at",
}
"""Rule of a row → the cell that is in doubt when it is broken: without it, the row holds."""

JOINED_RULES = {
    "unreadable_timestamp": N_(
        "The day and the time cannot be read together: write 03/02/2025 in the cell of the day and "
        "14:05 in that of the time."
    ),
    "not_nullable": N_("This information is required: fill each of these cells."),
}
"""What a rule says instead where several cells of the place are one of the contract."""
