using static Caliper.Text.Tests.SmallVocabulary;

namespace Caliper.Text.Tests;

/// <summary>What a tokenizer.json asks for is done, or refused by name.</summary>
public class TokenizerJsonTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("ab ab", new[] { 6, 3, 4, 7 })]
    [InlineData("ab  ab", new[] { 6, 3, 2, 4, 7 })]
    [InlineData("abab é", new[] { 6, 3, 3, 2, 5, 9, 7 })]
    [InlineData("ab\nab", new[] { 6, 3, 10, 3, 7 })]
    [InlineData("ab <mask>ab", new[] { 6, 3, 8, 3, 7 })]
    [InlineData("", new[] { 6, 7 })]
    public void Byte_pairs_are_those_of_GPT_2(string text, int[] expected) => Assert.Equal(expected, Load(BytePairs).Encode(text, 16));

    [Fact]
    public void Byte_pairs_are_read_from_two_files_too()
    {
        _folder.Put("merges.txt", "#version: 0.2\na b\nĠ ab\n");
        var path = _folder.Put("vocab.json", """{"a": 0, "b": 1, "Ġ": 2, "ab": 3, "Ġab": 4, "<s>": 5, "</s>": 6, "<pad>": 7}""");
        Assert.Equal([5, 3, 4, 6], TextTokenizer.Load(path).Encode("ab ab", 16));
        Assert.Equal(7, TextTokenizer.Load(path).PaddingId);
    }

    [Theory]
    [InlineData("hello world", new[] { 0, 5, 6, 7, 2 })]
    [InlineData("  hello   world  ", new[] { 0, 5, 6, 7, 2 })]
    [InlineData("hello hell", new[] { 0, 5, 4, 8, 9, 10, 10, 2 })]
    [InlineData("", new[] { 0, 2 })]
    public void Unigrams_are_those_of_SentencePiece(string text, int[] expected) => Assert.Equal(expected, Load(Unigrams).Encode(text, 16));

    [Fact]
    public void A_piece_that_is_nowhere_is_unknown() => Assert.Contains(3, Load(Unigrams).Encode("hello ж", 16));

    [Theory]
    [InlineData("""{"type": "Nmt"}""", null, null, null, "Nmt")]
    [InlineData("""{"type": "Precompiled", "precompiled_charsmap": "AA=="}""", null, null, null, "Precompiled")]
    [InlineData("""{"type": "NFC"}""", null, null, null, "ICU")]
    [InlineData(null, """{"type": "Whitespace"}""", null, null, "words")]
    [InlineData(null, null, """{"type": "Nobody"}""", null, "Nobody")]
    [InlineData(null, null, null, """{"type": "WordLevel", "vocab": {}, "unk_token": "a"}""", "WordLevel")]
    [InlineData(null, null, null, """{"type": "BPE", "vocab": {"a": 0}, "merges": [], "dropout": 0.1}""", "random")]
    [InlineData(null, null, null, """{"type": "BPE", "vocab": {"a": 0}, "merges": [], "byte_fallback": true}""", "byte_fallback")]
    [InlineData(null, null, null, """{"type": "BPE", "vocab": {"a": 0}, "merges": [], "end_of_word_suffix": "</w>"}""", "</w>")]
    [InlineData(null, """{"type": "Split", "pattern": {"Regex": "x"}}""", null, """{"type": "BPE", "vocab": {"a": 0}, "merges": []}""", "Split")]
    public void What_it_cannot_do_is_refused_by_name(string? normalizer, string? words, string? template, string? model, string named) =>
        Assert.Contains(named, Assert.Throws<CaliperException>(() => Load(TokenizerJson(normalizer, words, template, model))).Message);

    [Fact]
    public void Decomposing_and_taking_accents_off_are_one_normalizer()
    {
        var tokenizer =
            Load(TokenizerJson("""{"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "Lowercase"}, {"type": "StripAccents"}]}"""));
        Assert.Equal([Start, Cafe, End], tokenizer.Encode("CAFÉ", 8));
    }

    [Fact]
    public void A_file_with_bytes_changed_or_missing_is_read_or_refused()
    {
        foreach (var text in new[] { TokenizerJson(), BytePairs, Unigrams })
        {
            var bytes = System.Text.Encoding.UTF8.GetBytes(text);
            var random = new Random(1);
            for (var i = 0; i < 400; i++)
            {
                var changed = i % 2 == 0 ? bytes[..random.Next(bytes.Length)] : [.. bytes];
                if (changed.Length > 0 && i % 2 == 1) changed[random.Next(changed.Length)] = (byte)random.Next(256);
                try
                {
                    TextTokenizer.Load(_folder.Put("tokenizer.json", changed)).Encode("hello world ab", 8);
                }
                catch (CaliperException e)
                {
                    Assert.Contains("tokenizer.json", e.Message);
                }
            }
        }
    }

    private TextTokenizer Load(string json) => TextTokenizer.Load(_folder.Put("tokenizer.json", json));

    public void Dispose() => _folder.Dispose();
}
