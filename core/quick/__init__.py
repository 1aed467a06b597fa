"""Quick order: lines of a mail or a sheet become lines of the cart, each with an answer of its own.

`lines` reads a text, `tokens` and `amounts` take a line apart, `finding` asks once which codes there are, `columns`
and `deciding` say what each line means, `checking` what becomes of it with the products of `goods`, and `suggesting`
what it could have meant. The text is the only state: mending a line, adding to the cart and learning a code change the
text or what codes mean.
"""
