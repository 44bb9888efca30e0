(section . (atx_heading heading_content: (inline) @name)) @definition.section

; The grammar gives underlined headings no section of their own.
(setext_heading heading_content: (paragraph (inline) @name)) @definition.section
