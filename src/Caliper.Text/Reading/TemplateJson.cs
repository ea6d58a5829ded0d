using System.Collections.Immutable;
using Caliper.Text.Tokens;

namespace Caliper.Text.Reading;

/// <summary>The <c>post_processor</c> of a tokenizer.json: what is put around a text.</summary>
internal static class TemplateJson
{
    /// <summary>Reads it; nothing is put around a text where there is none.</summary>
    /// <exception cref="CaliperException">It is one that Caliper does not know.</exception>
    public static SpecialTokens Read(JsonPart? part) => part?.Type switch
    {
        null or "ByteLevel" => SpecialTokens.None,
        "BertProcessing" or "RobertaProcessing" => new SpecialTokens([IdOf(part.Needed("cls"))], [IdOf(part.Needed("sep"))]),
        "TemplateProcessing" => TemplateOf(part),
        "Sequence" => part.Needed("processors").Items.Where(p => p.Type is not "ByteLevel").ToArray() is [var only] ? Read(only)
            : part.Needed("processors").Items.All(p => p.Type is "ByteLevel") ? SpecialTokens.None : throw part.Refusal("several templates"),
        var type => throw part.Refusal($"the template '{type}'"),
    };

    private static SpecialTokens TemplateOf(JsonPart part)
    {
        var ids = part.Needed("special_tokens");
        ImmutableArray<int>.Builder before = ImmutableArray.CreateBuilder<int>(), after = ImmutableArray.CreateBuilder<int>();
        var hasText = false;
        foreach (var item in part.Needed("single").Items)
        {
            if (item.Part("Sequence") is { } text)
            {
                if (hasText) throw item.Refusal("the text twice");
                if (text.Part("type_id") is { AsId: not 0 }) throw text.Refusal("a text of another type than 0");
                hasText = true;
                continue;
            }
            var special = item.Needed("SpecialToken");
            if (special.Part("type_id") is { AsId: not 0 }) throw special.Refusal("special tokens of another type than 0");
            (hasText ? after : before).AddRange(ids.Needed(special.Text("id")).Needed("ids").Items.Select(id => id.AsId));
        }
        return hasText ? new SpecialTokens(before.ToImmutable(), after.ToImmutable()) : throw part.Wrong("a template without a text");
    }

    /// <summary>A pair of a token and its id.</summary>
    private static int IdOf(JsonPart pair) => pair.Items.ToArray() is [_, var id] ? id.AsId : throw pair.Wrong("no pair of a token and its id");
}
