-- A figure as its document has it: of a credit note, with the other sign.
create temp macro as_documented(figure) as (
    case when getvariable('document_kind') = 'credit note' then -figure else figure end
);
