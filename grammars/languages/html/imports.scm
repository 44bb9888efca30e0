((script_element
  (start_tag
    (attribute
      (attribute_name) @_attribute
      (quoted_attribute_value (attribute_value) @import.path)))) @import
  (#eq? @_attribute "src"))

((start_tag
  (tag_name) @_tag
  (attribute
    (attribute_name) @_attribute
    (quoted_attribute_value (attribute_value) @import.path))) @import
  (#eq? @_tag "link")
  (#eq? @_attribute "href"))

((self_closing_tag
  (tag_name) @_tag
  (attribute
    (attribute_name) @_attribute
    (quoted_attribute_value (attribute_value) @import.path))) @import
  (#eq? @_tag "link")
  (#eq? @_attribute "href"))
