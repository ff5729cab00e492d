"""Whether the answers of quizzes are right."""
