"""What a view asks the database, in SQL."""

# Of the many that define a common name, not all are looked at.
DEFINITIONS = """
SELECT path, text, kind, container, signature, first, last FROM
(SELECT * FROM definition WHERE name = (SELECT id FROM name WHERE text = ?) LIMIT ?) AS found
JOIN name ON name.id = found.name JOIN file ON file.id = found.file
ORDER BY found.container <> '', rank DESC, length(path), path, ordinal LIMIT ?
"""
DEFINED = """
SELECT file.path, asked.value, kind, definition.container, signature, first, last
FROM json_each(?1) AS asked JOIN name ON name.text = asked.value
JOIN definition ON (definition.file, definition.ordinal) = (
 SELECT found.file, ordinal FROM
 (SELECT * FROM definition AS each WHERE each.name = name.id
  AND each.file <> coalesce((SELECT id FROM file WHERE path = ?2), 0) LIMIT ?3) AS found
 JOIN file ON file.id = found.file
 ORDER BY found.container <> '', file.rank DESC, length(file.path), file.path, ordinal LIMIT 1)
JOIN file ON file.id = definition.file
"""
MEMBERS = """
SELECT path, text, kind, container, signature, first, last FROM
(SELECT * FROM definition WHERE owner = (SELECT id FROM name WHERE text = ?1)
 AND (container = ?2 OR substr(container, -length(?2) - 1) = '.' || ?2)
 AND (?3 IS NULL OR file = (SELECT id FROM file WHERE path = ?3)) LIMIT ?4) AS found
JOIN name ON name.id = found.name JOIN file ON file.id = found.file
ORDER BY rank DESC, path, ordinal LIMIT ?5
"""
OUTLINE = """
SELECT path, text, kind, container, signature, first, last FROM definition
JOIN name ON name.id = definition.name JOIN file ON file.id = definition.file
WHERE path = ? ORDER BY ordinal
"""
CHUNKS = """
SELECT chunk.id, path, language, first, last, text, chunk.names
FROM chunk JOIN file ON file.id = chunk.file
WHERE chunk.id IN (SELECT value FROM json_each(?))
"""
SIZES = """
SELECT id, path, language, length(names) / 8 FROM file WHERE id IN (SELECT value FROM json_each(?))
"""
