"""What is read off the trees of each language, as queries of its grammar.

A capture that is named after a kind of definition is the definition's node. Beside it, `@name` is
its name or the declarator that holds it, `@container` what it belongs to by its own words (a
receiver, a table) and `@body` where its signature ends, when the node has no field of that name.
`@scope` is a node that defines nothing but contains, under its `@name`. `@module` is an import's
module and `@item` a name taken from it; `@use` is an import to be taken apart as a text.
`@comment` and `@string` are nodes whose words are no names. Of two
patterns that find the same name the later one counts.
"""

from __future__ import annotations

_PYTHON = """
(class_definition name: (identifier) @name) @class
(function_definition name: (identifier) @name) @function
(module (expression_statement (assignment left: (identifier) @name) @variable))
(class_definition body: (block
  (expression_statement (assignment left: (identifier) @name) @field)))
(assignment left: (attribute object: (identifier) @_self attribute: (identifier) @name)
  (#eq? @_self "self")) @field
(type_alias_statement left: (type (identifier) @name)) @type
(import_statement name: (dotted_name) @module)
(import_statement name: (aliased_import name: (dotted_name) @module))
(import_from_statement module_name: (_) @module)
(import_from_statement module_name: (_) @module name: (dotted_name) @item)
(import_from_statement module_name: (_) @module name: (aliased_import name: (dotted_name) @item))
(import_from_statement module_name: (_) @module (wildcard_import) @item)
(comment) @comment
(string_content) @string
"""

_JAVASCRIPT = """
(class_declaration name: (_) @name) @class
(function_declaration name: (identifier) @name) @function
(generator_function_declaration name: (identifier) @name) @function
(method_definition name: (_) @name) @function
(variable_declarator name: (identifier) @name) @variable
(variable_declarator name: (identifier) @name value: (arrow_function body: (_) @body)) @function
(variable_declarator name: (identifier) @name
  value: (function_expression body: (_) @body)) @function
(pair key: (property_identifier) @name value: (arrow_function body: (_) @body)) @function
(pair key: (property_identifier) @name value: (function_expression body: (_) @body)) @function
(assignment_expression left: (member_expression object: (this)
  property: (property_identifier) @name)) @field
(assignment_expression
  left: (member_expression object: (_) @container property: (property_identifier) @name)
  right: (function_expression body: (_) @body)) @function
(assignment_expression
  left: (member_expression object: (_) @container property: (property_identifier) @name)
  right: (arrow_function body: (_) @body)) @function
(import_statement source: (string (string_fragment) @module))
(import_statement (import_clause (identifier) @item) source: (string (string_fragment) @module))
(import_statement
  (import_clause (named_imports (import_specifier name: (identifier) @item)))
  source: (string (string_fragment) @module))
(export_statement source: (string (string_fragment) @module))
(export_statement (export_clause (export_specifier name: (identifier) @item))
  source: (string (string_fragment) @module))
(call_expression function: (identifier) @_f
  arguments: (arguments . (string (string_fragment) @module))
  (#eq? @_f "require"))
(call_expression function: (import) arguments: (arguments . (string (string_fragment) @module)))
(comment) @comment
(string_fragment) @string
(regex_pattern) @string
"""

_JAVASCRIPT_ONLY = """
(field_definition property: (property_identifier) @name) @field
"""

_TYPESCRIPT_ONLY = """
(abstract_class_declaration name: (_) @name) @class
(public_field_definition name: (property_identifier) @name) @field
(public_field_definition name: (property_identifier) @name
  value: (arrow_function body: (_) @body)) @function
(interface_declaration name: (_) @name) @interface
(enum_declaration name: (_) @name) @enum
(enum_body name: (property_identifier) @name @constant)
(enum_assignment name: (property_identifier) @name) @constant
(type_alias_declaration name: (_) @name) @type
(internal_module name: (_) @name) @module_
(module name: (identifier) @name) @module_
(function_signature name: (identifier) @name) @function
(method_signature name: (property_identifier) @name) @function
(abstract_method_signature name: (property_identifier) @name) @function
(property_signature name: (property_identifier) @name) @field
(required_parameter (accessibility_modifier) pattern: (identifier) @name) @field
"""

_GO = """
(function_declaration name: (identifier) @name) @function
(method_declaration receiver: (parameter_list (parameter_declaration type: (_) @container))
  name: (field_identifier) @name) @function
(type_spec name: (type_identifier) @name) @type
(type_spec name: (type_identifier) @name type: (struct_type) @body) @class
(type_spec name: (type_identifier) @name type: (interface_type) @body) @interface
(type_alias name: (type_identifier) @name) @type
(method_elem name: (field_identifier) @name) @function
(field_declaration name: (field_identifier) @name) @field
(var_spec name: (identifier) @name) @variable
(const_spec name: (identifier) @name) @constant
(import_spec path: (interpreted_string_literal) @module)
(comment) @comment
(interpreted_string_literal_content) @string
(raw_string_literal) @string
"""

_RUST = """
(function_item name: (identifier) @name) @function
(function_signature_item name: (identifier) @name) @function
(struct_item name: (type_identifier) @name) @class
(union_item name: (type_identifier) @name) @class
(enum_item name: (type_identifier) @name) @enum
(enum_variant name: (identifier) @name) @constant
(trait_item name: (type_identifier) @name) @interface
(associated_type name: (type_identifier) @name) @type
(type_item name: (type_identifier) @name) @type
(const_item name: (identifier) @name) @constant
(static_item name: (identifier) @name) @constant
(field_declaration name: (field_identifier) @name) @field
(macro_definition name: (identifier) @name) @macro
(mod_item name: (identifier) @name body: (_)) @module_
(impl_item type: (_) @name) @scope
(mod_item name: (identifier) @module !body)
(use_declaration argument: (_) @use)
(line_comment) @comment
(block_comment) @comment
(string_content) @string
"""

_JAVA = """
(class_declaration name: (identifier) @name) @class
(record_declaration name: (identifier) @name) @class
(interface_declaration name: (identifier) @name) @interface
(annotation_type_declaration name: (identifier) @name) @interface
(enum_declaration name: (identifier) @name) @enum
(enum_constant name: (identifier) @name) @constant
(method_declaration name: (identifier) @name) @function
(annotation_type_element_declaration name: (identifier) @name) @function
(constructor_declaration name: (identifier) @name) @constructor
(field_declaration declarator: (variable_declarator name: (identifier) @name)) @field
(constant_declaration declarator: (variable_declarator name: (identifier) @name)) @constant
(record_declaration parameters: (formal_parameters
  (formal_parameter name: (identifier) @name) @field))
(import_declaration (scoped_identifier) @use)
(import_declaration (scoped_identifier) @module (asterisk) @item)
(line_comment) @comment
(block_comment) @comment
(string_fragment) @string
"""

_C = """
(function_definition declarator: (_) @name) @function
(declaration declarator: (_) @name) @variable
(struct_specifier name: (type_identifier) @name body: (_)) @class
(union_specifier name: (type_identifier) @name body: (_)) @class
(enum_specifier name: (type_identifier) @name body: (_)) @enum
(enumerator name: (identifier) @name) @constant
(field_declaration declarator: (_) @name) @field
(type_definition declarator: (_) @name) @type
(preproc_def name: (identifier) @name) @macro
(preproc_function_def name: (identifier) @name) @macro
(preproc_include path: (_) @module)
(comment) @comment
(string_content) @string
(system_lib_string) @string
"""

_CPP_ONLY = """
(class_specifier name: (type_identifier) @name body: (_)) @class
(namespace_definition name: (_) @name) @module_
(alias_declaration name: (type_identifier) @name) @type
(concept_definition name: (identifier) @name) @type
(raw_string_content) @string
"""

_CSHARP = """
(class_declaration name: (identifier) @name) @class
(record_declaration name: (identifier) @name) @class
(record_declaration (parameter_list (parameter name: (identifier) @name) @field))
(struct_declaration name: (identifier) @name) @class
(interface_declaration name: (identifier) @name) @interface
(enum_declaration name: (identifier) @name) @enum
(enum_member_declaration name: (identifier) @name) @constant
(delegate_declaration name: (identifier) @name) @type
(method_declaration name: (identifier) @name) @function
(local_function_statement name: (identifier) @name) @function
(constructor_declaration name: (identifier) @name) @constructor
(property_declaration name: (identifier) @name accessors: (_)? @body) @field
(event_declaration name: (identifier) @name) @field
(event_field_declaration
  (variable_declaration (variable_declarator name: (identifier) @name))) @field
(field_declaration (variable_declaration (variable_declarator name: (identifier) @name))) @field
(namespace_declaration name: (_) @name) @module_
(using_directive [(qualified_name) (identifier)] @module .)
(comment) @comment
(string_literal_content) @string
(string_content) @string
(raw_string_content) @string
(verbatim_string_literal) @string
"""

_RUBY = """
(class name: (_) @name) @class
(module name: (_) @name) @module_
(method name: (_) @name) @function
(singleton_method name: (_) @name) @function
(assignment left: (constant) @name) @constant
(assignment left: (instance_variable) @name) @field
(call method: (identifier) @_f arguments: (argument_list (simple_symbol) @name @field)
  (#match? @_f "^(attr_accessor|attr_reader|attr_writer)$"))
(call method: (identifier) @_f arguments: (argument_list . (simple_symbol) @name)
  (#match? @_f "^(scope|define_method|has_many|has_one|belongs_to|delegate|alias_method)$"))
  @function
(call method: (identifier) @_f arguments: (argument_list . (string (string_content) @module))
  (#eq? @_f "require"))
(call method: (identifier) @_f arguments: (argument_list . (string (string_content) @use))
  (#eq? @_f "require_relative"))
(comment) @comment
(string_content) @string
(heredoc_content) @string
"""

_PHP = """
(class_declaration name: (name) @name) @class
(trait_declaration name: (name) @name) @class
(interface_declaration name: (name) @name) @interface
(enum_declaration name: (name) @name) @enum
(enum_case name: (name) @name) @constant
(function_definition name: (name) @name) @function
(method_declaration name: (name) @name) @function
(const_element . (name) @name) @constant
(property_element name: (variable_name (name) @name)) @field
(property_promotion_parameter name: (variable_name (name) @name)) @field
(namespace_definition name: (_) @name body: (_)) @module_
(namespace_use_clause (qualified_name) @use)
(namespace_use_declaration (namespace_name) @module
  body: (namespace_use_group (namespace_use_clause . (_) @item)))
(require_expression (_) @module)
(require_once_expression (_) @module)
(include_expression (_) @module)
(include_once_expression (_) @module)
(comment) @comment
(string_content) @string
(heredoc_body) @string
(nowdoc_body) @string
(text) @string
"""

_KOTLIN = """
(class_declaration name: (identifier) @name) @class
(class_declaration "interface" name: (identifier) @name) @interface
(object_declaration name: (identifier) @name) @class
(enum_entry . (identifier) @name) @constant
(function_declaration name: (identifier) @name) @function
(class_parameter ["val" "var"] (identifier) @name) @field
(property_declaration (variable_declaration (identifier) @name)) @variable
(type_alias type: (identifier) @name) @type
(import (qualified_identifier) @use)
(line_comment) @comment
(block_comment) @comment
(string_content) @string
"""

_LUA = """
(function_declaration name: (identifier) @name) @function
(function_declaration
  name: (dot_index_expression table: (_) @container field: (identifier) @name)) @function
(function_declaration
  name: (method_index_expression table: (_) @container method: (identifier) @name)) @function
(assignment_statement (variable_list name: (identifier) @name)) @variable
(assignment_statement
  (variable_list . name: (identifier) @name)
  (expression_list . value: (function_definition body: (_)? @body))) @function
(assignment_statement (variable_list name: (dot_index_expression
  table: (identifier) @container field: (identifier) @name))) @field
(assignment_statement
  (variable_list . name: (dot_index_expression
    table: (identifier) @container field: (identifier) @name))
  (expression_list . value: (function_definition body: (_)? @body))) @function
(field name: (identifier) @name value: (function_definition body: (_)? @body)) @function
(function_call name: (identifier) @_f arguments: (arguments . (string content: (_) @module))
  (#eq? @_f "require"))
(comment) @comment
(string_content) @string
"""

_SHELL = """
(function_definition name: (word) @name) @function
(program (variable_assignment name: (variable_name) @name) @variable)
(program (declaration_command (variable_assignment name: (variable_name) @name) @variable))
(command name: (command_name) @_f . argument: (_) @module
  (#match? @_f "^(source|\\\\.)$"))
(comment) @comment
(raw_string) @string
(string_content) @string
(heredoc_body) @string
"""

_TYPESCRIPT = _JAVASCRIPT + _TYPESCRIPT_ONLY

QUERIES = {
    "python": _PYTHON,
    "javascript": _JAVASCRIPT + _JAVASCRIPT_ONLY,
    "javascriptreact": _JAVASCRIPT + _JAVASCRIPT_ONLY,
    "typescript": _TYPESCRIPT,
    "typescriptreact": _TYPESCRIPT,
    "go": _GO,
    "rust": _RUST,
    "java": _JAVA,
    "c": _C,
    "cpp": _C + _CPP_ONLY,
    "csharp": _CSHARP,
    "ruby": _RUBY,
    "php": _PHP,
    "kotlin": _KOTLIN,
    "lua": _LUA,
    "shellscript": _SHELL,
}
"""By LSP language id."""
