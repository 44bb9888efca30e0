; Headings
((element
  .
  (start_tag (tag_name) @_tag)
  .
  (text) @name) @definition.section
  (#any-of? @_tag "h1" "h2" "h3" "h4" "h5" "h6"))

; Elements with an id
((element
  .
  (start_tag
    (attribute
      (attribute_name) @_attribute
      (quoted_attribute_value (attribute_value) @name)))) @definition.element
  (#eq? @_attribute "id"))

((element
  .
  (start_tag
    (attribute
      (attribute_name) @_attribute
      (attribute_value) @name))) @definition.element
  (#eq? @_attribute "id"))

((element
  .
  (self_closing_tag
    (attribute
      (attribute_name) @_attribute
      (quoted_attribute_value (attribute_value) @name)))) @definition.element
  (#eq? @_attribute "id"))

((script_element
  .
  (start_tag
    (attribute
      (attribute_name) @_attribute
      (quoted_attribute_value (attribute_value) @name)))) @definition.element
  (#eq? @_attribute "id"))
