namespace Caliper.Reporting.Html;

/// <summary>The words of the report and what they mean.</summary>
internal static class Glossary
{
    public static readonly Term Scale = new("scale", "Scale", "The real size of one integer step.",
        "An int8 value q stands for the real number scale · (q − zero point). A small scale is a fine ruler; it also is a short one.");

    public static readonly Term ZeroPoint = new("zero-point", "Zero point", "The integer that stands for real zero.",
        "Real zero is always written exactly, because padding and ReLU make many zeros. "
        + "A layer after a ReLU has its zero point at the lowest integer.");

    public static readonly Term Range = new("range", "Range", "The real numbers from the lowest to the highest integer.",
        "Calibration chose it from what it saw. A wider range clips less but makes the steps coarser.");

    public static readonly Term Sqnr = new("sqnr", "SQNR", "Signal-to-quantization-noise ratio, in decibels; more is better.",
        "10 · log10 of the float values' squares over the squares of the error. At 20 dB the error is a tenth of the signal, at 40 dB a "
        + "hundredth. Each bit of precision is worth about 6 dB. “Exact” means that nothing differs.");

    public static readonly Term Local = new("local", "Local error", "This layer's own error: its int8 form is fed with the float network's values.",
        "It shows which layer makes the noise, whatever the layers before it did. An input of the network has none.");

    public static readonly Term Accumulated = new("accumulated", "As deployed", "The accumulated error: all layers before this one are int8 too.",
        "It is what the deployed network has at this place. Noise comes in with every layer, and some layers average it away again.");

    public static readonly Term Cosine = new("cosine", "Cosine", "The cosine of the angle between float and deployed values; 1 is best.",
        "It does not see an error that stretches all values alike, which SQNR does. Where the two disagree, a scale is wrong.");

    public static readonly Term MaxError = new("max-error", "Max error", "The greatest difference of one value as deployed.",
        "Compare it with the scale: half a step is plain rounding, many steps come from clipping or from layers before.");

    public static readonly Term Clipping = new("clipping", "Clipped", "The share of float values that lie beyond the range.",
        "They become the lowest or the highest integer. A few clipped values may be worth the finer steps; the error of each is as large as "
        + "its distance from the range.");

    public static readonly Term LevelsUsed = new("levels", "Levels used", "The share of the integer levels that any float value reaches.",
        "Levels that nothing reaches are precision given away: the range is wider than the values.");

    public static readonly Term OutputAlone = new("alone", "Output dB alone",
        "SQNR at the network's first output if this place alone were int8.",
        "It tells what one place costs the result. The lowest figures are where a better range, or leaving the layer in float, helps most.");

    public static readonly Term LossAlone = new("loss-alone", "Loss alone",
        "By how much the mean loss rises if this place alone were int8.",
        "It is measured on a few samples with their labels, so that small figures are luck, and may be below zero. What costs decibels but no loss "
        + "changes the answers little.");

    public static readonly Term PerChannel = new("per-channel", "Per channel", "One scale for each output channel of the weights.",
        "With one scale for all channels, a channel of small weights uses only a few levels of the ruler that the greatest one needs. With a "
        + "scale for each, every channel uses all levels.");

    public static readonly Term Predicted = new("predicted", "Predicted SQNR", "SQNR of writing the tensor with a scale, computed from statistics.",
        "Values are taken as spread evenly within the bins of calibration's histogram, each less than 1 % of its values wide. It is the error of "
        + "this tensor alone: what is best for it is not always best for the network's answer.");

    public static readonly Term RangeMethod = new("range-method", "Range method", "A rule that chooses a tensor's range from what calibration saw.",
        "All of them look at the same statistics, so they can be compared without the data. The one whose scale and zero point the model has is "
        + "marked; where none has them, the model's own range stands in the first row.");

    public static readonly Term Path = new("path", "Path over batches", "How a tensor's range grew while calibration ran.",
        "A bar reaches from the least to the greatest value of one batch, the lines from the least to the greatest value so far. Lines that are "
        + "level at the end tell that more data would change little; a last bar that sticks out tells the contrary.");

    public static readonly Term Convergence = new("convergence", "Convergence", "Whether more data would still change the ranges.",
        "Two halves of the samples each choose a range. A tensor is still moving where either costs 0.25 dB or more on all samples.");

    public static readonly Term SpareBits = new("spare-bits", "Spare bits",
        "Bits of an int32 sum that no input within the observed levels can reach.",
        "A layer adds products of 8-bit integers in 32 bits. The greatest sum follows from its weights and bias; at 0 bits or less a sum could "
        + "overflow and give a wrong number.");

    public static readonly Term GreatestBias = new("greatest-bias", "Greatest bias", "The greatest magnitude of a bias in int32.",
        "A bias is stored in steps of input scale times weight scale. "
        + "Where these are tiny it becomes large; int32 ends at 2\u202f147\u202f483\u202f647.");

    public static readonly Term Pairs = new("int16-pairs", "Int16 pairs",
        "Channels in which the sum of two neighbouring products can exceed 16 bits.",
        "x86 processors without VNNI add products in pairs of 16 bits, where an engine takes that shortcut, and cut off what does not fit. "
        + "Caliper's engine does not take it.");

    public static readonly Term DeadChannels = new("dead-channels", "Dead channels", "Output channels whose int8 weights are all zero.",
        "They give their bias, whatever the input. If their float weights were not zero, the shared scale was too coarse for them.");

    public static readonly Term ScaleRatio = new("scale-ratio", "Scale ratio", "The greatest scale of a channel's weights over the least.",
        "1 for a shared scale. How much finer the finest channel is written than one scale for all could write it.");

    private static IEnumerable<Term> All =>
    [
        Scale, ZeroPoint, Range, Sqnr, Local, Accumulated, Cosine, MaxError, Clipping, LevelsUsed, OutputAlone, LossAlone,
        PerChannel, Predicted, RangeMethod,
        .. MethodTerms.All, Path, Convergence, SpareBits, GreatestBias, Pairs, DeadChannels, ScaleRatio,
    ];

    /// <summary>Writes the terms that the page links to.</summary>
    public static void Write(HtmlPage page)
    {
        page.Add($"<section aria-labelledby=\"glossary\"><h2 id=\"glossary\">Glossary</h2>\n<dl class=\"glossary\">\n");
        foreach (var term in All.Where(page.Mentions))
            page.Add($"<div id=\"{term.Anchor}\"><dt>{term.Name}</dt><dd>{term.Short} {term.Text}</dd></div>\n");
        page.Add($"</dl></section>\n");
    }
}
