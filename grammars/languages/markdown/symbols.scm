(section . (atx_heading heading_content: (inline) @name)) @definition.section

; The grammar gives underlined headings no section of their own. The paragraph is the definition,
; which its heading wraps, because a paragraph elsewhere ends a signature.
(setext_heading heading_content: (paragraph (inline) @name) @definition.section)
