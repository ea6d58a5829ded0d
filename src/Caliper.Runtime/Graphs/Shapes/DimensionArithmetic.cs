namespace Caliper.Graphs.Shapes;

/// <summary>Calculates with lengths of which some are only names.</summary>
internal static class DimensionArithmetic
{
    /// <summary>The product: known where all factors are, a name where it is the only factor that is not 1.</summary>
    public static Dimension Product(IEnumerable<Dimension> factors) => Quotient(factors, []);

    /// <summary>
    /// The product of some lengths divided by that of others. A name that is on both sides cancels out. Unknown where the
    /// quotient is not a whole number either.
    /// </summary>
    public static Dimension Quotient(IEnumerable<Dimension> factors, IEnumerable<Dimension> divisors)
    {
        var unknown = new List<Dimension>();
        long product = 1;
        foreach (var factor in factors)
        {
            if (factor.IsKnown) product = checked(product * factor.Length);
            else unknown.Add(factor);
        }
        long divisor = 1;
        foreach (var d in divisors)
        {
            if (d.IsKnown) divisor = checked(divisor * d.Length);
            else if (d.Symbol is null || !unknown.Remove(d)) return Dimension.Unknown;
        }
        if (divisor == 0 || product % divisor != 0) return Dimension.Unknown;
        return unknown switch
        {
            [] => product / divisor,
            [var only] when product == divisor => only,
            _ => Dimension.Unknown,
        };
    }

    /// <summary>
    /// What two lengths, known to be equal, are: the one of which more is known. Null where they contradict each other.
    /// </summary>
    public static Dimension? Same(Dimension left, Dimension right)
    {
        if (left.IsKnown && right.IsKnown) return left == right ? left : null;
        if (left.IsKnown || right.IsKnown) return left.IsKnown ? left : right;
        return left.Symbol is not null ? left : right;
    }

    /// <summary>
    /// The length that two lengths broadcast to: where one is 1, the other. Null where they do not fit. A name against a
    /// number greater than 1 must be 1 or that number, so the result is the number.
    /// </summary>
    public static Dimension? Broadcast(Dimension left, Dimension right)
    {
        if (left == right) return left;
        if (left.IsKnown && left.Length == 1) return right;
        if (right.IsKnown && right.Length == 1) return left;
        if (left.IsKnown && right.IsKnown) return null;
        if (left.IsKnown) return left;
        return right.IsKnown ? right : Dimension.Unknown;
    }

    /// <summary>The shape that shapes broadcast to; the last axes are aligned. Null where they do not fit.</summary>
    public static Shape? Broadcast(Shape left, Shape right)
    {
        var rank = Math.Max(left.Rank, right.Rank);
        var dimensions = new Dimension[rank];
        for (var i = 1; i <= rank; i++)
        {
            var dimension = Broadcast(i <= left.Rank ? left[-i] : 1, i <= right.Rank ? right[-i] : 1);
            if (dimension is null) return null;
            dimensions[rank - i] = dimension.Value;
        }
        return new Shape([.. dimensions]);
    }
}
