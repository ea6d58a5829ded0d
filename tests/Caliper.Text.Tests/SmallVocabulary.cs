namespace Caliper.Text.Tests;

/// <summary>Tokenizers small enough to check by hand.</summary>
internal static class SmallVocabulary
{
    public const int Padding = 0, Unknown = 1, Start = 2, End = 3, Mask = 4, Hello = 5, World = 6, Comma = 7, Cafe = 8,
        Play = 9, Ing = 10, Ideograph = 11;

    private static readonly string[] Tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "hello", "world", ",", "cafe", "play", "##ing", "東"];

    /// <summary>The vocabulary as BERT's file has it.</summary>
    public static string VocabularyText => string.Join('\n', Tokens) + "\n";

    private const string Normalizer =
        """{"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true}""";

    private const string Template = """
        {"type": "TemplateProcessing",
         "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
             {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
         "pair": [],
         "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]}, "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}}
        """;

    /// <summary>The same as a tokenizer.json, some of its parts replaced.</summary>
    public static string TokenizerJson(string? normalizer = null, string? preTokenizer = null, string? template = null, string? model = null,
        string? more = null)
    {
        var added = string.Join(", ", Tokens[..5].Select((t, i) => $$"""{"id": {{i}}, "content": "{{t}}", "special": true}"""));
        var vocabulary = string.Join(", ", Tokens.Select((t, i) => $"\"{t}\": {i}"));
        var pieces = $$"""
            {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
             "vocab": { {{vocabulary}} } }
            """;
        return $$"""
            {
              "version": "1.0",
              "truncation": null,
              "padding": null,
              "added_tokens": [{{added}}],
              "normalizer": {{normalizer ?? Normalizer}},
              "pre_tokenizer": {{preTokenizer ?? """{"type": "BertPreTokenizer"}"""}},
              "post_processor": {{template ?? Template}},
              "decoder": null,
              "model": {{model ?? pieces}}{{more}}
            }
            """;
    }

    /// <summary>Byte pairs over a, b, the space before a word, and all that they make here.</summary>
    public const string BytePairs = """
        {
          "added_tokens": [{"id": 6, "content": "<s>"}, {"id": 7, "content": "</s>"}, {"id": 8, "content": "<mask>", "lstrip": true}],
          "normalizer": null,
          "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true},
          "post_processor": {"type": "RobertaProcessing", "sep": ["</s>", 7], "cls": ["<s>", 6], "trim_offsets": true, "add_prefix_space": false},
          "model": {"type": "BPE", "dropout": null, "unk_token": null,
                    "vocab": {"a": 0, "b": 1, "Ġ": 2, "ab": 3, "Ġab": 4, "Ã": 5, "<s>": 6, "</s>": 7, "<mask>": 8, "©": 9, "Ċ": 10},
                    "merges": ["a b", "Ġ ab"]}
        }
        """;

    /// <summary>Unigrams as XLM-RoBERTa's file has them.</summary>
    public const string Unigrams = """
        {
          "added_tokens": [{"id": 0, "content": "<s>"}, {"id": 1, "content": "<pad>"}, {"id": 2, "content": "</s>"}, {"id": 3, "content": "<unk>"}],
          "normalizer": null,
          "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"},
              {"type": "Metaspace", "replacement": "▁", "add_prefix_space": true}]},
          "post_processor": {"type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                {"SpecialToken": {"id": "</s>", "type_id": 0}}],
            "special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]}, "</s>": {"id": "</s>", "ids": [2], "tokens": ["</s>"]}}},
          "model": {"type": "Unigram", "unk_id": 3, "vocab": [["<s>", 0.0], ["<pad>", 0.0], ["</s>", 0.0], ["<unk>", 0.0],
            ["▁", -3.0], ["▁hello", -4.0], ["▁wor", -5.0], ["ld", -5.5], ["h", -9.0], ["e", -9.0], ["l", -9.0],
                ["o", -9.0], ["w", -9.0], ["r", -9.0], ["d", -9.0]]}
        }
        """;
}
