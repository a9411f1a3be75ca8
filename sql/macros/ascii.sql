-- Text in ASCII, for receivers that take no other; the original stands beside.

-- Letters lose their accents or become two; what has no such letter is an underscore.
create temp macro ascii_text(original) as (
    regexp_replace(
        strip_accents(
            replace(
                replace(
                    replace(
                        replace(
                            replace(replace(original, 'ß', 'ss'), 'æ', 'ae'),
                            'Æ', 'AE'
                        ),
                        'ø', 'o'
                    ),
                    'Ø', 'O'
                ),
                'ł', 'l'
            )
        ),
        '[^\x00-\x7F]', '_', 'g'
    )
);

-- An identifier in ASCII: no two originals share one.
create temp macro ascii_id(original) as (
    case
        when regexp_matches(original, '[^\x00-\x7F]')
            then ascii_text(original) || '-' || left(sha256(original), 8)
        else original
    end
);
