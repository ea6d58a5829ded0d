using System.Text;
using Caliper.Text.Normalizing;

namespace Caliper.Text.Reading;

/// <summary>The <c>normalizer</c> of a tokenizer.json.</summary>
internal static class NormalizerJson
{
    /// <summary>Reads it; null where there is none.</summary>
    /// <exception cref="CaliperException">It is one that Caliper does not know.</exception>
    public static INormalization? Read(JsonPart? part) => part?.Type switch
    {
        null => null,
        "BertNormalizer" => BertOf(part),
        "Lowercase" => new BertNormalization(CleanText: false, SplitIdeographs: false, StripAccents: false, LowerCase: true),
        "NFC" => UnicodeOf(part, NormalizationForm.FormC),
        "NFKC" => UnicodeOf(part, NormalizationForm.FormKC),
        "Sequence" => SequenceOf([.. part.Needed("normalizers").Items]),
        var type => throw part.Refusal($"the normalizer '{type}'"),
    };

    private static BertNormalization BertOf(JsonPart part)
    {
        var lower = part.Flag("lowercase", true);
        return new BertNormalization(part.Flag("clean_text", true), part.Flag("handle_chinese_chars", true),
            part.Flag("strip_accents", lower), lower);
    }

    /// <summary>One after the other. Decomposing and taking accents off are one step, with or without small letters.</summary>
    private static INormalization SequenceOf(JsonPart[] parts)
    {
        var types = parts.Select(p => p.Type).ToArray();
        var (decomposes, strips) = (Array.IndexOf(types, "NFD"), Array.IndexOf(types, "StripAccents"));
        if (decomposes >= 0 && strips > decomposes && types.All(t => t is "NFD" or "StripAccents" or "Lowercase"))
            return new BertNormalization(CleanText: false, SplitIdeographs: false, StripAccents: true, LowerCase: types.Contains("Lowercase"));
        return new NormalizationSequence([.. parts.Select(Read).OfType<INormalization>()]);
    }

    private static UnicodeNormalization UnicodeOf(JsonPart part, NormalizationForm form) => UnicodeNormalization.IsAvailable
        ? new UnicodeNormalization(form)
        : throw part.Refusal($"the normalizer '{part.Type}' in a process that runs without ICU (InvariantGlobalization)");
}
